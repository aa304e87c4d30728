#include "io/quote.h"

#include "io/json.h"

namespace berta::io {

std::string quoted(std::string_view text) {
  constexpr std::size_t kMax = 200;
  std::string result;
  append_json_string(result, text.size() > kMax ? std::string(text.substr(0, kMax)) + "..." : text);
  return result;
}

}  // namespace berta::io
