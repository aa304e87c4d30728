#pragma once

#include <cstddef>
#include <cstdint>

namespace berta::kernels {

/// One step of word2vec's training, in place. An example has groups of input rows, CBOW one and skip-gram one
/// for each context word, and all groups predict the same outputs. With h_g the mean of the rows of group g,
/// p_go = sigmoid(t_o . h_g) and y_o the label of output row o, all as they are before the step:
///   loss = - sum over g and o of log(y_o ? p_go : 1 - p_go)
///   t_o -= rate sum over g of (p_go - y_o) h_g                       for each output row
///   s_c -= rate scale_g sum over o of (p_go - y_o) t_o               for each input row c of group g
/// The gradient of the loss has scale_g = 1 / rows of g; word2vec.c takes 1.
/// An output that comes twice may see its first step in its second. Other threads may do the same to the same
/// rows at the same time (Hogwild, Niu et al. 2011).
struct WordUpdate {
  float* input_rows;  // stride floats a row, a multiple of 16; so is output_rows
  const std::uint32_t* inputs;
  const std::uint32_t* group_ends;  // behind the last input of each group; no group is empty
  std::size_t groups;               // at least 1
  float* output_rows;
  const std::uint32_t* outputs;
  const float* labels;  // 0 or 1, one an output; 15 floats behind the last are read and ignored
  std::size_t output_count;
  std::size_t stride;
  float rate;
  bool divide_inputs;  // scale_g = 1 / rows of g, else 1
};

/// Floats that update_words needs for its work.
constexpr std::size_t update_scratch(std::size_t stride, std::size_t most_groups, std::size_t most_outputs) {
  return most_groups * (2 * stride + (most_outputs + 15) / 16 * 16) + 16;
}

/// `scratch` holds update_scratch() floats, aligned to a cache line. Returns the loss if `want_loss`, else 0.
float update_words(const WordUpdate& task, float* scratch, bool want_loss);

/// Asks for rows of memory that will be written soon: a line that another core has changed then comes in one
/// way, not in two, first to be read and then to be written.
void prefetch_rows(const float* rows, std::size_t stride, const std::uint32_t* which, std::size_t count);

/// out[i] = rows[i] . query for `count` rows of `stride` floats, a multiple of 16.
void dot_rows(const float* rows, std::size_t stride, std::size_t count, const float* query, float* out);

}  // namespace berta::kernels
