// Any bytes as spm.model: an error, or a tokenizer that encodes a text in every mode.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "core/error.h"
#include "tokenizer/charsmap.h"
#include "tokenizer/spm_parts.h"
#include "tokenizer/unigram.h"

namespace {

using namespace berta::tokenizer;

void run(std::string_view bytes) {
  const auto model = std::make_shared<const SpmModel>(parse_spm_model(bytes, "spm.model"));
  std::shared_ptr<const Charsmap> map;
  if (!model->normalizer.charsmap.empty())
    map = std::make_shared<Charsmap>(model->normalizer.charsmap, "charsmap");
  const std::u32string text = U"The \u2026 caf\u00E9 A\u0302\u0300  [MASK]\u8C1B\U0001F973 x\u200B";
  std::vector<Offset> origins(text.size());
  for (std::uint32_t i = 0; i < origins.size(); ++i) origins[i] = {i, i + 1};
  AlignedText spm{text, origins}, hf{text, origins};
  SpmNormalizer(model->normalizer, map, model->pieces, model->white_space_suffix).normalize(spm);
  if (map) CharsmapNormalizer(map).normalize(hf);
  std::vector<WordToken> tokens;
  SpmUnigram(model).tokenize(spm.text, tokens);
  std::vector<UnigramPiece> pieces;
  for (const SpmPiece& piece : model->pieces) pieces.push_back({piece.text, piece.score});
  Unigram(pieces, model->trainer_unknown, false).tokenize(hf.text, tokens);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    run({reinterpret_cast<const char*>(data), size});
  } catch (const berta::UserError&) {
    return 0;
  }
  return 0;
}
