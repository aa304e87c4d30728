#include "train/step.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "train/training_checkpoint.h"

namespace berta::train {
namespace {

AdamOptions adam_options(const OptimizerSettings& settings) {
  return {.beta1 = settings.beta1,
          .beta2 = settings.beta2,
          .epsilon = settings.epsilon,
          .weight_decay = settings.weight_decay,
          .bias_correction = settings.kind == Optimizer::adamw,
          .layer_decay = settings.layer_decay};
}

std::int64_t warmup_steps(double warmup, std::int64_t total) {
  return warmup >= 1 ? std::llround(warmup) : std::llround(warmup * static_cast<double>(total));
}

void copy_into(const at::Tensor& target, const TrainingState& state, const std::string& name) {
  const at::Tensor& saved = state.tensor(name);
  if (saved.sizes() != target.sizes() || saved.scalar_type() != target.scalar_type()) {
    throw UserError("checkpoint: tensor '" + name + "': expected another shape or type");
  }
  const at::NoGradGuard no_gradients;
  target.detach().copy_(saved);
}

}  // namespace

Stepper::Stepper(const TrainModel& model, const OptimizerSettings& settings, std::int64_t total_steps,
                 double rate)
    : settings_(settings),
      highest_rate_(rate > 0 ? rate : settings.learning_rate),
      schedule_{.kind = settings.schedule,
                .warmup_steps = warmup_steps(settings.warmup, total_steps),
                .total_steps = total_steps,
                .end = settings.end},
      adam_(model.parameters, adam_options(settings), model.info.config.layers) {}

Stepper::Result Stepper::step(double norm) {
  rate_ = highest_rate_ * schedule_.factor(done_++);
  norm_ = norm;
  if (!std::isfinite(norm_)) {
    adam_.drop_gradients();
    ++skipped_;
    return Result::skipped;
  }
  skipped_ = 0;
  // torch.nn.utils.clip_grad_norm_ adds 1e-6 below; Microsoft's max(1, norm / clip) does not.
  const double below = settings_.kind == Optimizer::adamw ? norm_ + 1e-6 : norm_;
  adam_.step(rate_, settings_.clip > 0 ? std::min(1.0, settings_.clip / below) : 1.0);
  return Result::stepped;
}

void Stepper::save(TrainingState& state, const std::string& prefix) {
  adam_.catch_up_all();
  for (const AdamState& one : adam_.states()) {
    const std::string& name = one.parameter.name;
    state.tensors.emplace_back(prefix + "weight." + name, one.parameter.tensor);
    state.tensors.emplace_back(prefix + "m." + name, one.m);
    state.tensors.emplace_back(prefix + "v." + name, one.v);
    if (!one.row_steps.empty()) state.facts[prefix + "rows." + name] = "true";
  }
  state.tensors.emplace_back(prefix + "rates", at::tensor(adam_.rates(), at::kDouble));
  state.facts[prefix + "steps"] = std::to_string(done_);
  state.facts[prefix + "skipped"] = std::to_string(skipped_);
}

void Stepper::restore(const TrainingState& state, const std::string& prefix) {
  const at::Tensor& rates = state.tensor(prefix + "rates");
  const auto* numbers = rates.const_data_ptr<double>();
  adam_.restore({numbers, numbers + rates.numel()});
  for (AdamState& one : adam_.states()) {
    const std::string& name = one.parameter.name;
    copy_into(one.parameter.tensor, state, prefix + "weight." + name);
    copy_into(one.m, state, prefix + "m." + name);
    copy_into(one.v, state, prefix + "v." + name);
    if (state.facts.contains(prefix + "rows." + name)) {
      one.row_steps.assign(static_cast<std::size_t>(one.m.size(0)), static_cast<std::int32_t>(adam_.steps()));
    }
  }
  done_ = static_cast<std::int64_t>(std::stoll(state.fact(prefix + "steps")));
  skipped_ = std::stoi(state.fact(prefix + "skipped"));
}

}  // namespace berta::train
