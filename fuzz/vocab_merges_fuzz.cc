// Any bytes as the files of a folder with a vocabulary: the first byte chooses vocab.json + merges.txt or
// vocab.txt and the mode; NUL bytes end each file. Then tokenizer_config.json, if there is more.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/error.h"
#include "tokenizer/memory_loaders.h"

namespace {

using namespace berta::tokenizer;

constexpr std::string_view kText =
    "The na\xC3\xAFve dog's  12 abab [MASK] \xE5\xAD\x97\xF0\x9F\xA5\xB3 e\xCC\x81\t don't";

std::string_view take(std::string_view& rest) {
  const std::size_t end = rest.find('\0');
  const std::string_view file = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return file;
}

void run(unsigned choice, std::string_view rest) {
  const std::string_view vocabulary = take(rest);
  const std::string_view merges = (choice & 1) != 0 ? take(rest) : std::string_view();
  HfFiles files;
  files.folder = "folder";
  if (!rest.empty()) files.config = berta::io::parse_json(take(rest), "tokenizer_config.json");
  if (!rest.empty()) files.special_tokens = berta::io::parse_json(take(rest), "special_tokens_map.json");
  const Mode mode = (choice & 2) != 0 ? Mode::hf5 : Mode::hf4;
  const auto tokenizer = (choice & 1) != 0 ? parse_byte_level_bpe(vocabulary, merges, files, mode)
                                           : parse_wordpiece(vocabulary, files, mode);
  const Encoding whole = tokenizer->encode_pair(kText, "ab", {.max_length = 100});
  tokenizer->decode(whole.ids, (choice & 4) != 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  try {
    run(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
  } catch (const berta::UserError&) {
    return 0;
  }
  return 0;
}
