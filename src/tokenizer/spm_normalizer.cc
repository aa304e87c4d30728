#include <utility>

#include "core/utf8.h"
#include "tokenizer/spm_parts.h"

namespace berta::tokenizer {
namespace {

constexpr char32_t kMark = 0x2581;

PieceTrie user_defined_trie(const std::vector<SpmPiece>& pieces) {
  std::vector<PieceTrie::Key> keys;
  for (std::size_t i = 0; i < pieces.size(); ++i)
    if (pieces[i].type == SpmPiece::Type::user_defined)
      keys.push_back({pieces[i].text, 0, static_cast<std::int32_t>(i)});
  return PieceTrie(keys);
}

bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

}  // namespace

/// One run of the normaliser over the bytes of a text.
class SpmRewriter {
 public:
  SpmRewriter(const SpmNormalizer& normalizer, AlignedText& text)
      : normalizer_(normalizer), spec_(normalizer.spec_), bytes_(encode_utf8(text.text)) {}

  void run() {
    std::string_view rest = bytes_;
    if (spec_.remove_extra_whitespaces) skip_blanks(rest);
    if (rest.empty()) return;
    out_.reserve(bytes_.size() + 8);
    begins_.reserve(bytes_.size() + 8);
    if (spec_.add_dummy_prefix && !normalizer_.suffix_) push(U' ');
    bool after_blank = spec_.remove_extra_whitespaces;
    while (!rest.empty()) {
      const auto [length, value] = next(rest);
      push_value(value, after_blank);
      consume(rest, length);
    }
    if (spec_.remove_extra_whitespaces) drop_blanks_at_end();
    if (spec_.add_dummy_prefix && normalizer_.suffix_) push(U' ');
  }

  /// The text made, with ranges of `old`'s code points.
  AlignedText result(const AlignedText& old) {
    AlignedText made;
    made.text = std::move(out_);
    made.origins.resize(made.text.size());
    begins_.push_back(consumed_);
    const auto begin_of = [&](std::uint32_t i) {
      return i < old.origins.size() ? old.origins[i].begin : old.origins.empty() ? 0 : old.origins.back().end;
    };
    for (std::size_t i = 0; i < made.text.size(); ++i)
      made.origins[i] = {begin_of(begins_[i]), begin_of(begins_[i + 1])};
    return made;
  }

 private:
  struct Piece {
    std::size_t length;  ///< bytes of the text
    std::string_view value;
  };

  /// What the text's begin becomes: a user-defined piece itself, the value of the longest key, or one
  /// character itself.
  Piece next(std::string_view rest) const {
    if (normalizer_.has_user_defined_) {
      const std::size_t length = longest_user_defined(rest);
      if (length > 0) return {length, rest.substr(0, length)};
    }
    const auto first = static_cast<unsigned char>(rest[0]);
    if (normalizer_.charsmap_ && normalizer_.charsmap_->may_begin(first))
      if (const auto match = normalizer_.charsmap_->longest(rest)) return {match->length, match->value};
    if (first < 0x80) return {1, rest.substr(0, 1)};
    std::size_t length = 0;
    // Only a malformed charsmap's key can end inside a character.
    if (next_code_point(rest, length) == 0xFFFD) return {length, "\xEF\xBF\xBD"};
    return {length, rest.substr(0, length)};
  }

  std::size_t longest_user_defined(std::string_view rest) const {
    std::uint32_t node = 0;
    std::size_t longest = 0;
    for (std::size_t i = 0; i < rest.size(); ++i) {
      if (!normalizer_.user_defined_.step(node, static_cast<unsigned char>(rest[i]))) break;
      if (normalizer_.user_defined_.ends(node)) longest = i + 1;
    }
    return longest;
  }

  void consume(std::string_view& rest, std::size_t length) {
    for (std::size_t i = 0; i < length; ++i)
      if (!is_continuation(rest[i])) ++consumed_;
    rest.remove_prefix(length);
  }

  void skip_blanks(std::string_view& rest) {
    while (!rest.empty()) {
      const auto [length, value] = next(rest);
      if (value != " ") return;
      consume(rest, length);
    }
  }

  void push(char32_t c) {
    out_.push_back(c == U' ' && spec_.escape_whitespaces ? kMark : c);
    begins_.push_back(consumed_);
  }

  void push_value(std::string_view value, bool& after_blank) {
    std::size_t position = 0;
    if (after_blank)
      while (position < value.size() && value[position] == ' ') ++position;
    if (position == value.size()) return;
    while (position < value.size()) push(next_code_point(value, position));
    after_blank = spec_.remove_extra_whitespaces && value.back() == ' ';
  }

  void drop_blanks_at_end() {
    const char32_t blank = spec_.escape_whitespaces ? kMark : U' ';
    while (!out_.empty() && out_.back() == blank) {
      consumed_ = begins_.back();
      out_.pop_back();
      begins_.pop_back();
    }
  }

  const SpmNormalizer& normalizer_;
  const SpmNormalizerSpec& spec_;
  std::string bytes_;
  std::u32string out_;
  std::vector<std::uint32_t> begins_;  ///< for each code point of out_, the code points consumed before it
  std::uint32_t consumed_ = 0;
};

SpmNormalizer::SpmNormalizer(const SpmNormalizerSpec& spec, std::shared_ptr<const Charsmap> charsmap,
                             const std::vector<SpmPiece>& pieces, bool white_space_suffix)
    : spec_{{}, spec.add_dummy_prefix, spec.remove_extra_whitespaces, spec.escape_whitespaces},
      charsmap_(std::move(charsmap)),
      user_defined_(user_defined_trie(pieces)),
      suffix_(white_space_suffix) {
  for (const SpmPiece& piece : pieces)
    has_user_defined_ = has_user_defined_ || piece.type == SpmPiece::Type::user_defined;
}

void SpmNormalizer::normalize(AlignedText& text) const {
  SpmRewriter rewriter(*this, text);
  rewriter.run();
  text = rewriter.result(text);
}

}  // namespace berta::tokenizer
