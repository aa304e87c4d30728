#include "tokenizer/pipeline.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/utf8.h"
#include "tokenizer/aligned_text.h"
#include "tokenizer/clean_up.h"
#include "tokenizer/truncation.h"
#include "tokenizer/unicode.h"

namespace berta::tokenizer {
namespace {

/// Blanks that a token begins and ends with, byte-level ones (U+0120) too.
TextTokens::Blanks count_blanks(std::u32string_view token) {
  const auto is_blank = [](char32_t c) { return c == 0x120 || is_white_space(c); };
  TextTokens::Blanks blanks;
  while (blanks.leading < token.size() && is_blank(token[blanks.leading])) ++blanks.leading;
  while (blanks.trailing < token.size() && is_blank(token[token.size() - 1 - blanks.trailing]))
    ++blanks.trailing;
  return blanks;
}

void check_utf8(std::string_view text) {
  if (const auto bad = find_invalid_utf8(text))
    throw UserError("the text is not valid UTF-8 at byte " + std::to_string(*bad));
}

}  // namespace

Pipeline::Pipeline(PipelineParts parts) : parts_(std::move(parts)) {
  check_internal(parts_.model != nullptr, "a pipeline without a model");
  size_ = parts_.model->size();
  std::vector<AddedToken> raw, normalized;
  std::vector<std::u32string> raw_contents, normalized_contents;
  for (const AddedToken& token : parts_.added_tokens) {
    added_ids_.emplace(token.content, token.id);
    added_names_[token.id] = token.content;
    size_ = std::max(size_, token.id + 1);
    if (token.special) special_names_.insert(token.content);
    AlignedText content = align(token.content);
    if (token.normalized && parts_.normalizer) parts_.normalizer->normalize(content);
    if (parts_.decode_normalized_added_tokens) decoded_names_[token.id] = encode_utf8(content.text);
    (token.normalized ? normalized : raw).push_back(token);
    (token.normalized ? normalized_contents : raw_contents).push_back(content.text);
  }
  if (!parts_.match_added_tokens) return;
  raw_ = AddedTokenMatcher(std::move(raw), std::move(raw_contents));
  normalized_ = AddedTokenMatcher(std::move(normalized), std::move(normalized_contents));
}

void Pipeline::push_added(std::int32_t id, const AlignedText& text, std::size_t begin, std::size_t end,
                          TextTokens& out) const {
  out.words.push_back(out.next_word());
  out.ids.push_back(id);
  out.offsets.push_back({text.origins[begin].begin, text.origins[end - 1].end});
  if (parts_.trimming.enabled)
    out.blanks.push_back(count_blanks(std::u32string_view(text.text).substr(begin, end - begin)));
}

void Pipeline::push_words(const std::vector<AlignedText>& words, TextTokens& out) const {
  std::vector<WordToken> tokens;
  for (const AlignedText& word : words) {
    tokens.clear();
    parts_.model->tokenize(word.text, tokens);
    out.words.resize(out.words.size() + tokens.size(), out.next_word());
    for (const WordToken& token : tokens) {
      const Offset first = word.origins[token.begin];
      out.ids.push_back(token.id);
      // An empty token (a byte of a character that a later byte stands for) has an empty range.
      out.offsets.push_back(
          {first.begin, token.end > token.begin ? word.origins[token.end - 1].end : first.begin});
      if (parts_.trimming.enabled)
        out.blanks.push_back(
            count_blanks(std::u32string_view(word.text).substr(token.begin, token.end - token.begin)));
    }
  }
}

void Pipeline::tokenize_fragment(AlignedText fragment, TextTokens& out) const {
  std::vector<AlignedText> words;
  words.push_back(std::move(fragment));
  if (parts_.pre_tokenizer) parts_.pre_tokenizer->split(words);
  push_words(words, out);
}

void Pipeline::tokenize_plain(AlignedText text, TextTokens& out) const {
  if (parts_.normalizer) parts_.normalizer->normalize(text);
  if (text.text.empty()) return;
  std::vector<AddedTokenSplit> splits;
  normalized_.split(text.text, splits);
  if (splits.size() == 1 && splits[0].id < 0) return tokenize_fragment(std::move(text), out);
  for (const AddedTokenSplit& split : splits) {
    if (split.id < 0)
      tokenize_fragment(slice(text, split.begin, split.end), out);
    else
      push_added(split.id, text, split.begin, split.end, out);
  }
}

TextTokens Pipeline::tokenize(std::string_view text) const {
  check_utf8(text);
  TextTokens out;
  AlignedText whole = align(text);
  out.ids.reserve(whole.text.size() / 4 + 4);
  out.offsets.reserve(whole.text.size() / 4 + 4);
  std::vector<AddedTokenSplit> splits;
  raw_.split(whole.text, splits);
  if (splits.size() == 1 && splits[0].id < 0) {
    tokenize_plain(std::move(whole), out);
    return out;
  }
  for (const AddedTokenSplit& split : splits) {
    if (split.id < 0)
      tokenize_plain(slice(whole, split.begin, split.end), out);
    else
      push_added(split.id, whole, split.begin, split.end, out);
  }
  return out;
}

std::size_t Pipeline::budget(const Template::Pieces& pieces, bool add_specials,
                             std::size_t max_length) const {
  const std::size_t added = add_specials ? added_count(pieces) : 0;
  if (max_length < added)
    throw UserError("maximal length: expected at least the " + std::to_string(added) +
                    " special tokens of the template, found " + std::to_string(max_length));
  return max_length - added;
}

Encoding Pipeline::encode(std::string_view text, const EncodeOptions& options, bool* truncated) const {
  const TextTokens tokens = tokenize(text);
  TokenRange first{&tokens, 0, tokens.size()}, second;
  const Template::Pieces& pieces = parts_.post_processor.single;
  const bool cut = options.max_length > 0 &&
                   truncate(first, second, budget(pieces, options.add_special_tokens, options.max_length),
                            options.truncation);
  if (truncated != nullptr) *truncated = cut;
  return apply_template(pieces, options.add_special_tokens, parts_.trimming, first, second);
}

Encoding Pipeline::encode_pair(std::string_view text, std::string_view text_pair,
                               const EncodeOptions& options, bool* truncated) const {
  const TextTokens tokens = tokenize(text), pair_tokens = tokenize(text_pair);
  TokenRange first{&tokens, 0, tokens.size()}, second{&pair_tokens, 0, pair_tokens.size()};
  const Template::Pieces& pieces = parts_.post_processor.pair;
  const bool cut = options.max_length > 0 &&
                   truncate(first, second, budget(pieces, options.add_special_tokens, options.max_length),
                            options.truncation);
  if (truncated != nullptr) *truncated = cut;
  return apply_template(pieces, options.add_special_tokens, parts_.trimming, first, second);
}

std::vector<Encoding> Pipeline::encode_windows(std::string_view question, std::string_view context,
                                               const WindowOptions& options) const {
  const TextTokens tokens = tokenize(question), pair_tokens = tokenize(context);
  const TokenRange first{&tokens, 0, tokens.size()};
  const Template::Pieces& pieces = parts_.post_processor.pair;
  const std::size_t room = budget(pieces, true, options.max_length);
  const bool fits = first.size() + pair_tokens.size() <= room;
  if (!fits && first.size() >= room)
    throw UserError("windows: the question has " + std::to_string(first.size()) +
                    " tokens and leaves no room for a context in " + std::to_string(room));
  const TokenRange whole{&pair_tokens, 0, pair_tokens.size()};
  std::vector<Encoding> out;
  for (const TokenRange& window :
       fits ? std::vector{whole} : windows(whole, room - first.size(), options.stride))
    out.push_back(apply_template(pieces, true, parts_.trimming, first, window));
  reset_later_types(out);
  return out;
}

std::vector<Encoding> Pipeline::encode_windows(std::string_view text, const WindowOptions& options) const {
  const TextTokens tokens = tokenize(text);
  const Template::Pieces& pieces = parts_.post_processor.single;
  std::vector<Encoding> out;
  for (const TokenRange& window :
       windows({&tokens, 0, tokens.size()}, budget(pieces, true, options.max_length), options.stride))
    out.push_back(apply_template(pieces, true, parts_.trimming, window, {}));
  reset_later_types(out);
  return out;
}

void Pipeline::reset_later_types(std::vector<Encoding>& windows) const {
  if (!parts_.post_processor.later_windows_untyped) return;
  for (std::size_t i = 1; i < windows.size(); ++i)
    for (std::size_t j = 0; j < windows[i].ids.size(); ++j)
      if (windows[i].sequence[j] >= 0) windows[i].type_ids[j] = windows[i].sequence[j] == 1 ? 1 : 0;
}

std::optional<std::string_view> Pipeline::name(std::int32_t id) const {
  if (const auto added = added_names_.find(id); added != added_names_.end()) return added->second;
  return parts_.model->token(id);
}

std::string Pipeline::decode(std::span<const std::int32_t> ids, bool skip_special_tokens) const {
  std::vector<std::string> tokens;
  for (const std::int32_t id : ids) {
    const auto decoded = decoded_names_.find(id);
    const auto token =
        decoded != decoded_names_.end() ? std::optional<std::string_view>(decoded->second) : name(id);
    if (!token) continue;
    std::string owned(*token);
    if (!skip_special_tokens || !special_names_.contains(owned)) tokens.push_back(std::move(owned));
  }
  std::string text = join(tokens);
  return parts_.clean_up_spaces ? clean_up_spaces(std::move(text)) : text;
}

std::string Pipeline::join(const std::vector<std::string>& tokens) const {
  if (parts_.decoder) return parts_.decoder->decode(tokens);
  std::string text;
  for (std::size_t i = 0; i < tokens.size(); ++i) text += (i > 0 ? " " : "") + tokens[i];
  return text;
}

std::string Pipeline::token(std::int32_t id) const {
  if (const auto known = name(id)) return std::string(*known);
  if (parts_.specials.unk)
    if (const auto unknown = name(*parts_.specials.unk)) return std::string(*unknown);
  return "[UNK]";
}

std::optional<std::int32_t> Pipeline::id(std::string_view token) const {
  if (const auto added = added_ids_.find(std::string(token)); added != added_ids_.end()) return added->second;
  return parts_.model->id(token);
}

std::int32_t Pipeline::size() const {
  return size_;
}

}  // namespace berta::tokenizer
