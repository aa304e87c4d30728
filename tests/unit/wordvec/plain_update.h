#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace berta::wordvec::testing {

/// The step of kernels/word_vectors.h in doubles and plain loops.
struct PlainTables {
  std::size_t dimension = 0;
  std::vector<double> inputs;   // [rows, dimension]
  std::vector<double> outputs;  // [rows, dimension]
};

struct PlainExample {
  std::vector<std::uint32_t> inputs;
  std::vector<std::uint32_t> outputs;
  std::vector<double> labels;
};

inline std::vector<double> plain_hidden(const PlainTables& tables, const PlainExample& example) {
  std::vector<double> h(tables.dimension);
  for (const std::uint32_t row : example.inputs) {
    for (std::size_t i = 0; i < h.size(); ++i) {
      h[i] += tables.inputs[row * h.size() + i] / static_cast<double>(example.inputs.size());
    }
  }
  return h;
}

inline std::vector<double> plain_scores(const PlainTables& tables, const PlainExample& example) {
  const std::vector<double> h = plain_hidden(tables, example);
  std::vector<double> scores;
  for (const std::uint32_t row : example.outputs) {
    double score = 0;
    for (std::size_t i = 0; i < h.size(); ++i) score += tables.outputs[row * h.size() + i] * h[i];
    scores.push_back(score);
  }
  return scores;
}

inline double plain_loss(const PlainTables& tables, const PlainExample& example) {
  const std::vector<double> scores = plain_scores(tables, example);
  double loss = 0;
  for (std::size_t o = 0; o < scores.size(); ++o) {
    loss += std::log1p(std::exp(example.labels[o] > 0 ? -scores[o] : scores[o]));
  }
  return loss;
}

/// Steps of size `rate`, and of size `input_rate` for the input rows, each as a sum over the outputs.
inline void plain_update(PlainTables& tables, const PlainExample& example, double rate, double input_rate) {
  const std::vector<double> h = plain_hidden(tables, example);
  const std::vector<double> scores = plain_scores(tables, example);
  const PlainTables before = tables;
  for (std::size_t o = 0; o < scores.size(); ++o) {
    const double factor = 1 / (1 + std::exp(-scores[o])) - example.labels[o];
    const std::size_t row = example.outputs[o] * h.size();
    for (std::size_t i = 0; i < h.size(); ++i) {
      tables.outputs[row + i] -= rate * factor * h[i];
      for (const std::uint32_t input : example.inputs) {
        tables.inputs[input * h.size() + i] -= input_rate * factor * before.outputs[row + i];
      }
    }
  }
}

}  // namespace berta::wordvec::testing
