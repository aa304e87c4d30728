#include <string>

#include "core/utf8.h"
#include "metrics/squad.h"
#include "tokenizer/unicode.h"

namespace berta::metrics {
namespace {

bool is_ascii_punctuation(char32_t c) {
  return (c >= 0x21 && c <= 0x2F) || (c >= 0x3A && c <= 0x40) || (c >= 0x5B && c <= 0x60) ||
         (c >= 0x7B && c <= 0x7E);
}

/// str.isspace: White_Space, and the four separators of ASCII.
bool is_blank(char32_t c) {
  return (c >= 0x1C && c <= 0x1F) || tokenizer::is_white_space(c);
}

/// \w of Python's re. The underscore is gone with the punctuation.
bool is_word(char32_t c) {
  return tokenizer::is_letter(c) || tokenizer::is_number(c);
}

bool is_article(std::u32string_view word) {
  return word == U"a" || word == U"an" || word == U"the";
}

std::u32string lowered_without_punctuation(std::string_view text) {
  std::u32string result;
  for (std::size_t position = 0; position < text.size();) {
    const char32_t c = next_code_point(text, position);
    const auto lower = tokenizer::lower_case(c);
    if (lower.empty()) {
      if (!is_ascii_punctuation(c)) result.push_back(c);
      continue;
    }
    for (const std::uint32_t part : lower) result.push_back(part);
  }
  return result;
}

/// Each run of word characters that is an article becomes a blank. Runs end where \b matches, also inside
/// what blanks delimit: "the<dash>end" loses its article.
std::u32string without_articles(std::u32string_view text) {
  std::u32string result;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && is_word(text[end])) ++end;
    const std::u32string_view run = text.substr(i, end - i);
    if (is_article(run)) {
      result.push_back(U' ');
    } else {
      result += run;
    }
    if (end < text.size()) result.push_back(text[end++]);
    i = end;
  }
  return result;
}

}  // namespace

std::string normalize_answer(std::string_view answer) {
  std::string result;
  bool blank = false;
  for (const char32_t c : without_articles(lowered_without_punctuation(answer))) {
    if (is_blank(c)) {
      blank = true;
      continue;
    }
    if (blank && !result.empty()) result.push_back(' ');
    blank = false;
    append_utf8(result, c);
  }
  return result;
}

}  // namespace berta::metrics
