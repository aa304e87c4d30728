// Any bytes as a text for the embedded model's vocabulary: the first byte chooses mode and cutting, the rest
// is the text.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.h"
#include "tokenizer/tokenizer.h"

namespace {

using namespace berta::tokenizer;

const Tokenizer& tokenizer(std::size_t choice) {
  static const std::string folder = std::string(BERTA_MODELS) + "/sentiment";
  static const auto hf4 = load_tokenizer(folder, Mode::hf4), hf5 = load_tokenizer(folder, Mode::hf5),
                    spm = load_tokenizer(folder, Mode::spm);
  return choice % 3 == 0 ? *hf4 : choice % 3 == 1 ? *hf5 : *spm;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t choice = data[0];
  const Tokenizer& model = tokenizer(choice & 3);
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    const Encoding whole = model.encode(text, {.max_length = choice >> 2});
    model.decode(whole.ids, (choice & 4) != 0);
    model.encode_windows(text, WindowOptions{.max_length = 16, .stride = choice >> 5});
  } catch (const berta::UserError&) {
    return 0;
  }
  return 0;
}
