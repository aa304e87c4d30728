#pragma once

#include "kernels/adam.h"
#include "train/torch.h"

namespace berta::train {

/// Elements that are stepped at once, on any device; all of one shape.
struct PlainAdamTask {
  at::Tensor x, m, v;  ///< changed where they lie
  at::Tensor gradient;
  double gradient_scale = 1;
  kernels::AdamMoments moments;
  kernels::AdamStep step;
};

/// What kernels::adam_update does, in ATen's operations. They round after each multiplication and addition,
/// where the kernel's multiply-adds round once, so results differ by a unit or two in the last place.
void plain_adam_update(const PlainAdamTask& task);

}  // namespace berta::train
