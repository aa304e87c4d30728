#include "tokenizer/text_normalizers.h"

#include <fmt/core.h>

#include <algorithm>

#include "core/error.h"
#include "tokenizer/normalizers.h"
#include "tokenizer/unicode.h"

namespace berta::tokenizer {
namespace {

/// What BERT counts as an ideograph of its own (the blocks as listed in tokenizers 0.22.2).
bool is_ideograph(char32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF) ||
         (c >= 0x2A700 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0x2F800 && c <= 0x2FA1F);
}

/// Rewrites a text code point by code point, all results with the range of their source.
template <typename Step>
void rewrite(AlignedText& text, Step step) {
  AlignedText out;
  out.text.reserve(text.text.size() + 8);
  out.origins.reserve(text.text.size() + 8);
  for (std::size_t i = 0; i < text.text.size(); ++i) {
    step(text.text[i], [&](char32_t c) {
      out.text.push_back(c);
      out.origins.push_back(text.origins[i]);
    });
  }
  text = std::move(out);
}

bool is_plain_ascii(const AlignedText& text) {
  return std::all_of(text.text.begin(), text.text.end(), [](char32_t c) { return c >= 0x20 && c < 0x7F; });
}

void lower_ascii(AlignedText& text) {
  for (char32_t& c : text.text) {
    if (c >= U'A' && c <= U'Z') c += 0x20;
  }
}

bool is_nmt_control(char32_t c) {
  return (c >= 0x01 && c <= 0x08) || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F || c == 0x8F ||
         c == 0x9F;
}

bool is_nmt_blank(char32_t c) {
  return c == 0x09 || c == 0x0A || c == 0x0C || c == 0x0D || c == 0x1680 || (c >= 0x200B && c <= 0x200F) ||
         c == 0x2028 || c == 0x2029 || c == 0x2581 || c == 0xFEFF || c == 0xFFFD;
}

/// Refuses texts that have grown out of all proportion to the original: a row of replacements could ask for
/// any amount of memory.
void check_growth(const AlignedText& text) {
  constexpr std::size_t kFactor = 32, kAlways = 65'536;
  if (text.text.size() <= kAlways) return;
  const std::uint32_t begin = text.origins.front().begin;
  const std::size_t original = std::max(text.origins.back().end, begin) - begin;
  if (text.text.size() <= kAlways + kFactor * original) return;
  throw UserError(fmt::format(
      "tokenizer: expected a normaliser that gives at most {} characters for one, found {} for {}", kFactor,
      text.text.size(), original));
}

}  // namespace

void BertNormalizer::normalize(AlignedText& text) const {
  if (is_plain_ascii(text)) {
    if (options_.lowercase) lower_ascii(text);
    return;
  }
  if (options_.clean_text || options_.handle_chinese_chars) {
    rewrite(text, [this](char32_t c, auto emit) {
      if (options_.clean_text && is_bert_control(c)) return;
      if (options_.clean_text && is_white_space(c)) c = U' ';
      const bool apart = options_.handle_chinese_chars && is_ideograph(c);
      if (apart) emit(U' ');
      emit(c);
      if (apart) emit(U' ');
    });
  }
  if (options_.strip_accents.value_or(options_.lowercase)) {
    UnicodeNormalizer(UnicodeNormalizer::Form::nfd).normalize(text);
    rewrite(text, [](char32_t c, auto emit) {
      if (!is_bert_nonspacing_mark(c)) emit(c);
    });
  }
  if (options_.lowercase) LowercaseNormalizer().normalize(text);
}

void StripAccents::normalize(AlignedText& text) const {
  rewrite(text, [](char32_t c, auto emit) {
    if (!is_accent(c)) emit(c);
  });
}

void NmtNormalizer::normalize(AlignedText& text) const {
  rewrite(text, [](char32_t c, auto emit) {
    if (!is_nmt_control(c)) emit(is_nmt_blank(c) ? U' ' : c);
  });
}

void PrependNormalizer::normalize(AlignedText& text) const {
  if (text.text.empty()) return;
  const Offset first = text.origins.front();
  text.text.insert(0, prefix_);
  text.origins.insert(text.origins.begin(), prefix_.size(), first);
  check_growth(text);
}

void ReplaceNormalizer::normalize(AlignedText& text) const {
  const std::vector<PatternMatch> matches = pattern_->find_all(text.text);
  if (matches.empty()) return;
  AlignedText out;
  std::size_t end = 0;
  const auto keep = [&](std::size_t to) {
    out.text.append(text.text, end, to - end);
    out.origins.insert(out.origins.end(), text.origins.begin() + static_cast<std::ptrdiff_t>(end),
                       text.origins.begin() + static_cast<std::ptrdiff_t>(to));
  };
  for (const PatternMatch& match : matches) {
    keep(match.begin);
    out.text += content_;
    out.origins.insert(out.origins.end(), content_.size(),
                       match.end > 0 ? text.origins[match.end - 1] : Offset{});
    end = match.end;
  }
  keep(text.text.size());
  check_growth(out);
  text = std::move(out);
}

}  // namespace berta::tokenizer
