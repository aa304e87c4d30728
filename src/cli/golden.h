#pragma once

#include <string>

#include "infer/model.h"

namespace berta::cli {

/// What a golden folder's request.json says made its expected.safetensors.
struct GoldenRequest {
  infer::Head head = infer::Head::none;
  infer::MaskDecoder decoder = infer::MaskDecoder::plain;
  model::Saturation saturation = model::Saturation::hf;
  double bound = 2e-5;  ///< on each absolute difference: 5e-5 for what Microsoft's code made
};
GoldenRequest read_golden_request(const std::string& folder);

struct GoldenResult {
  std::size_t tensors = 0;
  double worst = 0;
  std::string worst_tensor;
};

/// Runs the folder's inputs.jsonl and compares with its expected.safetensors. Throws UserError: a tensor that
/// is missing, of another shape, or that the run does not give.
GoldenResult compare_golden(const infer::Model& model, const std::string& folder,
                            const GoldenRequest& request);

}  // namespace berta::cli
