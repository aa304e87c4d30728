#include "tokenizer/clean_up.h"

#include <string_view>
#include <utility>

namespace berta::tokenizer {
namespace {

/// Python's str.replace: left to right, matches do not overlap.
std::string replace_all(const std::string& text, std::string_view from, std::string_view to) {
  std::string out;
  std::size_t position = 0;
  for (;;) {
    const std::size_t found = text.find(from, position);
    out.append(text, position, found == std::string::npos ? found : found - position);
    if (found == std::string::npos) return out;
    out += to;
    position = found + from.size();
  }
}

}  // namespace

std::string clean_up_spaces(std::string text) {
  constexpr std::pair<std::string_view, std::string_view> kRules[] = {
      {" .", "."},     {" ?", "?"},   {" !", "!"},   {" ,", ","},     {" ' ", "'"},
      {" n't", "n't"}, {" 'm", "'m"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"},
  };
  for (const auto& [from, to] : kRules) text = replace_all(text, from, to);
  return text;
}

}  // namespace berta::tokenizer
