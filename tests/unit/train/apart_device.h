#pragma once

#include "train/torch.h"

namespace berta::train::testing {

/// A device as far from the host as a GPU is, on a machine without one: libtorch's PrivateUse1, whose
/// pointers the host cannot follow (a fault at once), and whose operations refuse tensors that lie elsewhere.
/// The CPU does them. So a training that runs here copies all that the host
/// reads, and puts all that it computes with where the model is.
inline const at::Device kApart{at::kPrivateUse1, 0};

/// Operations that ran there so far.
std::size_t operations_apart();

}  // namespace berta::train::testing
