#pragma once

#include <memory>

#include "train/workers/workers.h"

namespace berta::train {

/// Workers that talk through libtorch's c10d over Gloo, of what lies on GPUs over NCCL. Waits for all of
/// them; throws UserError naming those that did not come.
std::unique_ptr<Workers> gloo_workers(const WorkerPlace& place);

}  // namespace berta::train
