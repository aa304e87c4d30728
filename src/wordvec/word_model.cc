#include "wordvec/word_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "core/random_stream.h"

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

bool is_finite(const WordModel& model) {
  for (const Matrix* matrix : {&model.inputs, &model.outputs}) {
    for (std::size_t i = 0; i < matrix->rows(); ++i) {
      const auto row = matrix->vector(i);
      if (!std::all_of(row.begin(), row.end(), [](float value) { return std::isfinite(value); }))
        return false;
    }
  }
  return true;
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

Vocabulary merge_vocabulary(const WordVectors& vectors, const Vocabulary& corpus,
                            const VocabularyLimits& limits, ContinueVocabulary kind) {
  Vocabulary merged;
  if (kind != ContinueVocabulary::new_words) {
    for (std::size_t i = 0; i < vectors.size(); ++i) {
      const std::string_view word = vectors.words.word(i);
      const auto number = corpus.words.find(word);
      merged.words.insert(word);
      merged.counts.push_back(number ? corpus.counts[*number] : 0);
    }
  }
  if (kind != ContinueVocabulary::old_words) {
    const Vocabulary kept = limited(corpus, limits);
    for (std::size_t i = 0; i < kept.size(); ++i) {
      if (merged.words.insert(kept.words.word(i)) == merged.counts.size())
        merged.counts.push_back(kept.counts[i]);
    }
  }
  if (merged.total() == 0) throw UserError("none of the words of the vectors comes in the corpus");
  return limited(merged, {.min_count = 0});
}

void check_begin(const WordVectors& vectors, const TrainOptions& options) {
  if (vectors.dimension() != options.dimension) {
    throw UserError(fmt::format("expected vectors of dimension {}, as --dim says, found {}",
                                options.dimension, vectors.dimension()));
  }
  const SubwordOptions& subwords = vectors.subwords;
  if (subwords != options.subwords) {
    throw UserError(fmt::format(
        "expected vectors with the subwords that --subwords says, found {}",
        subwords.any() ? fmt::format("{},{},{}", subwords.shortest, subwords.longest, subwords.buckets)
                       : "none"));
  }
}

void begin_from(WordModel& model, const WordVectors& vectors) {
  const std::size_t words = model.vocabulary.size();
  for (std::size_t i = 0; i < vectors.buckets.rows(); ++i) {
    std::copy_n(vectors.buckets.row(i), model.inputs.stride(), model.inputs.row(words + i));
  }
  std::vector<std::uint32_t> parts;
  for (std::size_t i = 0; i < words; ++i) {
    const std::string_view word = model.vocabulary.words.word(i);
    const auto number = vectors.words.find(word);
    if (!number) continue;
    // A vector is the mean of the word's own row and its subwords'.
    parts.clear();
    append_subwords(vectors.subwords, word, parts);
    const auto own = model.inputs.vector(i);
    const auto mean = vectors.vectors.vector(*number);
    for (std::size_t k = 0; k < own.size(); ++k) {
      double value = static_cast<double>(mean[k]) * static_cast<double>(parts.size() + 1);
      for (const std::uint32_t part : parts) value -= static_cast<double>(vectors.buckets.row(part)[k]);
      own[k] = static_cast<float>(value);
    }
  }
}

}  // namespace berta::wordvec
