#pragma once

#include "train/settings.h"
#include "train/torch.h"

namespace berta::train {

/// Where a training's tensors shall lie. Of several GPUs the one with the number that is said, or that the
/// launcher gives this process (LOCAL_RANK). Throws UserError naming what is missing: a libtorch with CUDA, a
/// GPU, a GPU of that number.
at::Device training_device(const DeviceChoice& choice);

}  // namespace berta::train
