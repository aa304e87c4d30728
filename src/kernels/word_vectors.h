#pragma once

#include <cstddef>
#include <cstdint>

namespace berta::kernels {

/// One step of word2vec's training on one example, in place. With h the mean of the input rows,
/// p_o = sigmoid(t_o . h) and y_o the label of output row o:
///   loss = - sum over o of log(y_o ? p_o : 1 - p_o)
///   t_o -= rate (p_o - y_o) h                          for each output row
///   s_c -= rate input_scale sum over o of (p_o - y_o) t_o   for each input row, with t_o of before
/// An output that comes twice adds to the second sum what its first step made of it.
/// The gradient of the loss has input_scale = 1 / input_count; word2vec.c takes 1.
/// Other threads may do the same to the same rows at the same time (Hogwild, Niu et al. 2011).
struct WordUpdate {
  float* input_rows;  // stride floats a row, a multiple of 16; so is output_rows
  const std::uint32_t* inputs;
  std::size_t input_count;  // at least 1
  float* output_rows;
  const std::uint32_t* outputs;
  const float* labels;  // 0 or 1, one an output; 15 floats behind the last are read and ignored
  std::size_t output_count;
  std::size_t stride;
  float rate;
  float input_scale;
};

/// What update_words needs for its work.
constexpr std::size_t update_scratch(std::size_t stride, std::size_t most_outputs) {
  return 2 * stride + most_outputs + 64;
}

/// `scratch` holds update_scratch() floats, aligned to a cache line. Returns the loss if `want_loss`, else 0.
float update_words(const WordUpdate& task, float* scratch, bool want_loss);

/// Asks for rows of memory that will be needed soon.
void prefetch_rows(const float* rows, std::size_t stride, const std::uint32_t* which, std::size_t count);

/// out[i] = rows[i] . query for `count` rows of `stride` floats, a multiple of 16.
void dot_rows(const float* rows, std::size_t stride, std::size_t count, const float* query, float* out);

}  // namespace berta::kernels
