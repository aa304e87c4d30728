#include "train/objectives/masked_batches.h"

#include <numeric>

#include "core/error.h"
#include "corpus/piece_facts.h"
#include "corpus/shuffle.h"

namespace berta::train {
namespace {

corpus::MaskOptions mask_options(const PretrainSettings& settings) {
  const bool rtd = settings.objective == Objective::rtd;
  auto options = rtd ? corpus::MaskOptions::replaced_token_detection() : corpus::MaskOptions{};
  options.mask_rate = settings.mask_rate;
  if (settings.max_ngram > 0) options.max_ngram = static_cast<int>(settings.max_ngram);
  if (settings.keep >= 0) options.keep = settings.keep;
  if (settings.random >= 0) options.random = settings.random;
  options.max_length = static_cast<std::size_t>(settings.max_length);
  options.seed = settings.run.seed;
  return options;
}

std::int32_t require(std::optional<std::int32_t> id, const PretrainSettings& settings, const char* token) {
  if (!id) throw UserError(settings.tokenizer + ": expected a tokenizer with " + token + ", found none");
  return *id;
}

/// Adds what stays of a sequence, at the positions where it stood: what is dropped is in neither the input
/// nor the loss.
void append(const corpus::MaskedSequence& masked, const std::vector<std::int32_t>& kept, MaskedBatch& out) {
  Batch& batch = out.batch;
  std::vector<std::int32_t> gaps;
  std::size_t gap = 0;
  for (const std::int32_t position : kept) {
    const auto at = static_cast<std::size_t>(position);
    while (gap < masked.positions.size() && masked.positions[gap] < at) ++gap;
    if (gap < masked.positions.size() && masked.positions[gap] == at) {
      gaps.push_back(position);
      batch.picked_rows.push_back(static_cast<std::int32_t>(batch.tokens.ids.size()));
      out.labels.push_back(masked.originals[gap]);
    }
    batch.tokens.ids.push_back(masked.ids[at]);
  }
  batch.tokens.types.resize(batch.tokens.ids.size());
  batch.tokens.rows.append(kept);
  batch.picked.append(gaps);
  out.text_tokens += static_cast<std::int64_t>(masked.ids.size());
}

std::vector<std::int32_t> all_positions(const corpus::MaskedSequence& masked) {
  std::vector<std::int32_t> positions(masked.ids.size());
  std::iota(positions.begin(), positions.end(), 0);
  return positions;
}

}  // namespace

MaskedBatches::Part::Part(const PretrainSettings& settings, corpus::Split split)
    : corpus(settings.corpus, split),
      chunks(corpus, static_cast<std::size_t>(settings.max_length),
             settings.whole_documents ? corpus::ChunkStyle::documents : corpus::ChunkStyle::stream) {}

MaskedBatches::MaskedBatches(const PretrainSettings& settings, const tokenizer::Tokenizer& tokenizer)
    : settings_(settings),
      train_(settings, corpus::Split::train),
      masker_(corpus::PieceFacts(tokenizer), mask_options(settings)),
      cls_(require(tokenizer.specials().cls, settings, "[CLS]")),
      sep_(require(tokenizer.specials().sep, settings, "[SEP]")),
      dropper_({.rate = settings.token_drop, .cls = cls_, .sep = sep_, .seed = settings.run.seed}) {
  train_.corpus.require_tokenizer(tokenizer);
  if (train_.chunks.size() == 0)
    throw UserError(settings.corpus + ": expected tokens to train on, found none");
  auto held_out = std::make_unique<Part>(settings, corpus::Split::held_out);
  if (held_out->chunks.size() > 0) held_out_ = std::move(held_out);
}

double MaskedBatches::epoch(std::int64_t index) const {
  return static_cast<double>(index * settings_.run.batch_size) / static_cast<double>(train_.chunks.size());
}

MaskedBatch MaskedBatches::batch(std::int64_t index, std::int64_t begin, std::int64_t end) const {
  MaskedBatch out;
  const std::uint64_t size = train_.chunks.size();
  for (std::int64_t i = begin; i < end; ++i) {
    const auto sample = static_cast<std::uint64_t>(index * settings_.run.batch_size + i);
    const std::uint64_t chunk =
        corpus::shuffled_index(sample % size, size, settings_.run.seed, sample / size);
    const corpus::MaskedSequence masked = masked_chunk(train_, chunk, sample);
    append(masked, dropper_.kept(masked, sample), out);
  }
  return out;
}

MaskedBatch MaskedBatches::held_out(std::int64_t first, std::int64_t count) const {
  MaskedBatch out;
  for (std::int64_t i = first; i < std::min(first + count, held_out_chunks()); ++i) {
    const auto chunk = static_cast<std::uint64_t>(i);
    const corpus::MaskedSequence masked = masked_chunk(*held_out_, chunk, chunk);
    append(masked, all_positions(masked), out);
  }
  return out;
}

corpus::MaskedSequence MaskedBatches::masked_chunk(const Part& part, std::uint64_t chunk,
                                                   std::uint64_t sample) const {
  std::vector<std::int32_t> ids = part.chunks.at(chunk);
  ids.insert(ids.begin(), cls_);
  ids.push_back(sep_);
  return masker_.mask(ids, sample);
}

}  // namespace berta::train
