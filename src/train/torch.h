#pragma once

// What the room uses of libtorch, in one header that is compiled once (CMake precompiles it): a translation
// unit with it takes seconds instead of half a minute.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <optional>

namespace berta::train {

/// How autograd's functions take a tensor that need not be there: an undefined one they refuse.
using MaybeTensor = std::optional<at::Tensor>;

inline MaybeTensor maybe(const at::Tensor& x) {
  return x.defined() ? MaybeTensor(x) : std::nullopt;
}

}  // namespace berta::train
