#pragma once

#include <string>
#include <vector>

#include "infer/model.h"
#include "io/checkpoint.h"

namespace berta::infer::testing {

/// One line of a golden's inputs.jsonl: one sequence, or several choices.
struct GoldenInput {
  std::string id;
  std::vector<Sequence> sequences;
  bool choices = false;
};

/// A folder of tests/goldens/model.
struct Golden {
  std::string folder;
  Head head = Head::none;
  MaskDecoder decoder = MaskDecoder::plain;
  model::Saturation saturation = model::Saturation::hf;
  bool microsoft = false;
  std::vector<GoldenInput> inputs;
};

/// Names of the folders below tests/goldens/model, sorted.
std::vector<std::string> golden_names();
Golden read_golden(const std::string& name);
std::vector<GoldenInput> read_inputs(const std::string& file);

/// Largest absolute difference of everything that expected.safetensors holds; adds a test failure for a
/// missing or misshapen output.
double worst_difference(const Golden& golden, Backend backend);

}  // namespace berta::infer::testing
