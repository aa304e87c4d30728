#include "wordvec/word_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "wordvec/random_stream.h"

namespace berta::wordvec {
namespace {

/// Of the numbers that the model begins with; threads have 0, 1, ...
constexpr std::uint64_t kFirstValues = std::uint64_t{1} << 32;

void copy_rows(const Matrix& from, std::size_t first, Matrix& to) {
  for (std::size_t i = 0; i < to.rows(); ++i) std::copy_n(from.row(first + i), to.stride(), to.row(i));
}

}  // namespace

WordModel make_word_model(Vocabulary vocabulary, const TrainOptions& options) {
  const std::size_t words = vocabulary.size();
  const std::size_t nodes = words < 2 ? 0 : words - 1;
  const std::size_t buckets = options.subwords.any() ? options.subwords.buckets : 0;
  WordModel model{
      .vocabulary = std::move(vocabulary),
      .inputs = Matrix(words + buckets, options.dimension),
      .outputs = Matrix(options.loss == Loss::negative_sampling ? words : nodes, options.dimension)};
  RandomStream random(options.seed, kFirstValues);
  for (std::size_t row = 0; row < model.inputs.rows(); ++row) {
    for (float& value : model.inputs.vector(row)) {
      value = (random.uniform() - 0.5f) / static_cast<float>(options.dimension);
    }
  }
  return model;
}

WordVectors to_word_vectors(WordModel model, const TrainOptions& options) {
  WordVectors out;
  const std::size_t words = model.vocabulary.size();
  out.words = std::move(model.vocabulary.words);
  out.subwords = options.subwords;
  if (!options.subwords.any()) {
    out.vectors = std::move(model.inputs);
    return out;
  }
  out.buckets = Matrix(options.subwords.buckets, options.dimension);
  copy_rows(model.inputs, words, out.buckets);
  out.vectors = Matrix(words, options.dimension);
  copy_rows(model.inputs, 0, out.vectors);
  std::vector<std::uint32_t> parts;
  for (std::size_t word = 0; word < words; ++word) {
    parts.clear();
    append_subwords(options.subwords, out.words.word(word), parts);
    const auto vector = out.vectors.vector(word);
    for (const std::uint32_t part : parts) {
      const auto other = out.buckets.vector(part);
      for (std::size_t i = 0; i < vector.size(); ++i) vector[i] += other[i];
    }
    for (float& value : vector) value /= static_cast<float>(parts.size() + 1);
  }
  return out;
}

Vocabulary merge_vocabulary(const WordVectors& vectors, const Vocabulary& corpus, ContinueVocabulary kind) {
  Vocabulary merged;
  const auto count_of = [&](std::string_view word) {
    const auto number = corpus.words.find(word);
    return number ? corpus.counts[*number] : 0;
  };
  if (kind != ContinueVocabulary::new_words) {
    for (std::size_t i = 0; i < vectors.size(); ++i) {
      merged.words.insert(vectors.words.word(i));
      merged.counts.push_back(count_of(vectors.words.word(i)));
    }
  }
  if (kind != ContinueVocabulary::old_words) {
    for (std::size_t i = 0; i < corpus.size(); ++i) {
      if (merged.words.insert(corpus.words.word(i)) == merged.counts.size()) {
        merged.counts.push_back(corpus.counts[i]);
      }
    }
  }
  if (merged.total() == 0) throw UserError("none of the words of the vectors comes in the corpus");
  return limited(merged, {.min_count = 0});
}

void begin_from(WordModel& model, const WordVectors& vectors) {
  if (vectors.dimension() != model.inputs.dimension()) {
    throw UserError(fmt::format("expected vectors of dimension {}, as --dim says, found {}",
                                model.inputs.dimension(), vectors.dimension()));
  }
  for (std::size_t i = 0; i < model.vocabulary.size(); ++i) {
    const auto number = vectors.words.find(model.vocabulary.words.word(i));
    if (number) std::copy_n(vectors.vectors.row(*number), model.inputs.stride(), model.inputs.row(i));
  }
}

}  // namespace berta::wordvec
