#pragma once

#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

namespace berta::train {

/// The workers' network between GPUs, for tensors that lie there. All must come with the same store; who does
/// not come is missed by the first sum.
c10::intrusive_ptr<c10d::Backend> nccl_group(const c10::intrusive_ptr<c10d::Store>& store, int rank,
                                             int size);

}  // namespace berta::train
