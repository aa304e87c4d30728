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
  std::vector<std::vector<std::uint32_t>> groups;  // of input rows
  std::vector<std::uint32_t> outputs;
  std::vector<double> labels;
};

inline std::vector<double> plain_hidden(const PlainTables& tables, const std::vector<std::uint32_t>& group) {
  std::vector<double> h(tables.dimension);
  for (const std::uint32_t row : group) {
    for (std::size_t i = 0; i < h.size(); ++i) {
      h[i] += tables.inputs[row * h.size() + i] / static_cast<double>(group.size());
    }
  }
  return h;
}

inline double plain_score(const PlainTables& tables, const std::vector<double>& h, std::uint32_t output) {
  double score = 0;
  for (std::size_t i = 0; i < h.size(); ++i) score += tables.outputs[output * h.size() + i] * h[i];
  return score;
}

inline double plain_loss(const PlainTables& tables, const PlainExample& example) {
  double loss = 0;
  for (const auto& group : example.groups) {
    const std::vector<double> h = plain_hidden(tables, group);
    for (std::size_t o = 0; o < example.outputs.size(); ++o) {
      const double score = plain_score(tables, h, example.outputs[o]);
      loss += std::log1p(std::exp(example.labels[o] > 0 ? -score : score));
    }
  }
  return loss;
}

/// Steps of size `rate`, with all rows and scores as they were before.
inline void plain_update(PlainTables& tables, const PlainExample& example, double rate, bool divide_inputs) {
  const PlainTables before = tables;
  for (const auto& group : example.groups) {
    const std::vector<double> h = plain_hidden(before, group);
    const double scale = divide_inputs ? 1 / static_cast<double>(group.size()) : 1;
    for (std::size_t o = 0; o < example.outputs.size(); ++o) {
      const std::size_t row = example.outputs[o] * h.size();
      const double factor =
          1 / (1 + std::exp(-plain_score(before, h, example.outputs[o]))) - example.labels[o];
      for (std::size_t i = 0; i < h.size(); ++i) {
        tables.outputs[row + i] -= rate * factor * h[i];
        for (const std::uint32_t input : group) {
          tables.inputs[input * h.size() + i] -= rate * scale * factor * before.outputs[row + i];
        }
      }
    }
  }
}

}  // namespace berta::wordvec::testing
