// Any bytes as tokenizer.json: an error, or a tokenizer that encodes, cuts into windows and decodes a text.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/error.h"
#include "tokenizer/memory_loaders.h"

namespace {

using namespace berta::tokenizer;

constexpr std::string_view kText =
    "The na\xC3\xAFve dog's  12 caf\xC3\xA9s [MASK] \xE5\xAD\x97\xF0\x9F\xA5\xB3 e\xCC\x81\t<s> don't";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    HfFiles files;
    files.folder = "folder";
    const auto tokenizer = parse_tokenizer_json({reinterpret_cast<const char*>(data), size}, files);
    const Encoding whole = tokenizer->encode_pair(kText, "a b", {.max_length = 512});
    tokenizer->decode(whole.ids, true);
    tokenizer->decode(whole.ids, false);
    tokenizer->encode_windows(kText, WindowOptions{.max_length = 16, .stride = 2});
  } catch (const berta::UserError&) {
    return 0;
  }
  return 0;
}
