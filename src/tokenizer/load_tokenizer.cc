#include "core/error.h"
#include "core/parallel.h"
#include "tokenizer/hf_config.h"
#include "tokenizer/loaders.h"

namespace berta::tokenizer {

std::shared_ptr<const Tokenizer> load_tokenizer(const std::string& folder, Mode mode) {
  if (mode == Mode::automatic && has_file(folder, "tokenizer.json")) return load_tokenizer_json(folder);
  if (has_file(folder, "spm.model")) return load_sentencepiece(folder, mode);
  if (has_file(folder, "vocab.json") && has_file(folder, "merges.txt"))
    return load_byte_level_bpe(folder, mode);
  if (has_file(folder, "vocab.txt")) return load_wordpiece(folder, mode);
  for (const char* part : {"vocab.json", "merges.txt", "bpe_encoder.bin"})  // says which one is missing
    if (has_file(folder, part)) return load_byte_level_bpe(folder, mode);
  const char* json = mode == Mode::automatic ? "tokenizer.json, " : "";
  throw UserError(folder + ": expected a tokenizer (" + json +
                  "spm.model, vocab.json with merges.txt, or vocab.txt), found none of these files");
}

std::vector<Encoding> encode_batch(const Tokenizer& tokenizer, std::span<const std::string> texts,
                                   std::span<const std::string> text_pairs, const EncodeOptions& options) {
  if (!text_pairs.empty() && text_pairs.size() != texts.size())
    throw UserError("batch: expected as many second texts as texts (" + std::to_string(texts.size()) +
                    "), found " + std::to_string(text_pairs.size()));
  std::vector<Encoding> out(texts.size());
  parallel_each(texts.size(), [&](std::size_t i) {
    out[i] = text_pairs.empty() ? tokenizer.encode(texts[i], options)
                                : tokenizer.encode_pair(texts[i], text_pairs[i], options);
  });
  return out;
}

}  // namespace berta::tokenizer
