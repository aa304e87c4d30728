#include "train/optim/plain_adam.h"

namespace berta::train {

void plain_adam_update(const PlainAdamTask& task) {
  const at::NoGradGuard by_hand;
  const auto& [beta1, beta2, epsilon] = task.moments;
  const at::Tensor g = task.gradient.mul(task.gradient_scale);
  task.m.mul_(beta1).add_(g, 1 - beta1);
  task.v.mul_(beta2).addcmul_(g, g, 1 - beta2);
  const at::Tensor below = task.v.sqrt().mul_(task.step.root).add_(epsilon);
  task.x.mul_(task.step.keep).addcdiv_(task.m, below, -task.step.rate);
}

}  // namespace berta::train
