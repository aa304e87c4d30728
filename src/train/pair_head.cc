#include "core/error.h"
#include "train/task_head.h"

namespace berta::train {

std::unique_ptr<TaskHead> make_pair_head(const TaskInput&) {
  throw UserError("not yet");
}

}  // namespace berta::train
