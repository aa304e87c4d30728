#include "tokenizer/template.h"

#include <algorithm>

namespace berta::tokenizer {
namespace {

using Kind = TemplatePiece::Kind;

/// process_offsets of tokenizers' ByteLevel. `index`: the token's place in its (cut) text.
Offset trimmed(Offset offset, TextTokens::Blanks blanks, std::size_t index, bool keep_prefix_space) {
  if (blanks.leading > 0) {
    const bool is_prefix = (index == 0 || offset.begin == 0) && keep_prefix_space && blanks.leading == 1;
    if (!is_prefix) offset.begin = std::min(offset.begin + blanks.leading, offset.end);
  }
  if (blanks.trailing > 0 && offset.end >= blanks.trailing)
    offset.end = std::max(offset.end - blanks.trailing, offset.begin);
  return offset;
}

void append_text(const TokenRange& range, const OffsetTrimming& trimming, std::int8_t sequence,
                 std::int32_t type_id, Encoding& out) {
  if (range.tokens == nullptr) return;
  for (std::size_t i = range.begin; i < range.end; ++i) {
    out.ids.push_back(range.tokens->ids[i]);
    Offset offset = range.tokens->offsets[i];
    if (trimming.enabled)
      offset = trimmed(offset, range.tokens->blanks[i], i - range.begin, trimming.keep_prefix_space);
    out.offsets.push_back(offset);
    out.words.push_back(range.tokens->words[i]);
  }
  out.type_ids.resize(out.ids.size(), type_id);
  out.sequence.resize(out.ids.size(), sequence);
}

}  // namespace

Template cls_sep_template(std::int32_t cls, std::int32_t sep, std::int32_t second_type) {
  const TemplatePiece begin{.ids = {cls}}, end{.ids = {sep}},
      end_second{.ids = {sep}, .type_id = second_type};
  const TemplatePiece first{.kind = Kind::first}, second{.kind = Kind::second, .type_id = second_type};
  return {.single = {begin, first, end}, .pair = {begin, first, end, second, end_second}};
}

std::size_t added_count(const Template::Pieces& pieces) {
  std::size_t count = 0;
  for (const TemplatePiece& piece : pieces)
    if (piece.kind == Kind::special) count += piece.ids.size();
  return count;
}

Encoding apply_template(const Template::Pieces& pieces, bool add_specials, const OffsetTrimming& trimming,
                        const TokenRange& first, const TokenRange& second) {
  Encoding out;
  const std::size_t total = first.size() + second.size() + (add_specials ? added_count(pieces) : 0);
  out.ids.reserve(total);
  out.offsets.reserve(total);
  for (const TemplatePiece& piece : pieces) {
    if (piece.kind != Kind::special) {
      const bool is_first = piece.kind == Kind::first;
      append_text(is_first ? first : second, trimming, is_first ? 0 : 1, piece.type_id, out);
    } else if (add_specials) {
      out.ids.insert(out.ids.end(), piece.ids.begin(), piece.ids.end());
      out.offsets.resize(out.ids.size());
      out.type_ids.resize(out.ids.size(), piece.type_id);
      out.sequence.resize(out.ids.size(), -1);
      out.words.resize(out.ids.size(), -1);
    }
  }
  return out;
}

}  // namespace berta::tokenizer
