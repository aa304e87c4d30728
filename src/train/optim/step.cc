#include "train/optim/step.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "train/run/training_checkpoint.h"

namespace berta::train {
namespace {

AdamOptions adam_options(const OptimizerSettings& settings, bool plain) {
  return {.beta1 = settings.beta1,
          .beta2 = settings.beta2,
          .epsilon = settings.epsilon,
          .weight_decay = settings.weight_decay,
          .bias_correction = settings.kind == Optimizer::adamw,
          .layer_decay = settings.layer_decay,
          .plain = plain};
}

std::int64_t warmup_steps(double warmup, std::int64_t total) {
  return warmup >= 1 ? std::llround(warmup) : std::llround(warmup * static_cast<double>(total));
}

at::Tensor saved_as(const at::Tensor& target, const TrainingState& state, const std::string& name) {
  const at::Tensor& saved = state.tensor(name);
  if (saved.sizes() != target.sizes() || saved.scalar_type() != target.scalar_type()) {
    throw UserError("checkpoint: tensor '" + name + "': expected another shape or type");
  }
  return saved;
}

}  // namespace

Stepper::Stepper(const TrainModel& model, const OptimizerSettings& settings, std::int64_t total_steps,
                 double rate, Workers& workers)
    : settings_(settings),
      plain_(model.plain),
      highest_rate_(rate > 0 ? rate : settings.learning_rate),
      schedule_{.kind = settings.schedule,
                .warmup_steps = warmup_steps(settings.warmup, total_steps),
                .total_steps = total_steps,
                .end = settings.end},
      workers_(workers),
      adam_(model.parameters, adam_options(settings, model.plain), model.info.config.layers, workers),
      sums_(model, workers) {
  if (workers.alone()) return;
  // All begin from the same bits, whatever machine made new weights.
  for (const TrainParameter& parameter : model.parameters) workers.send(parameter.tensor.detach());
}

double Stepper::gradient_norm() {
  sums_.finish();
  return number_of_first(workers_, adam_.gradient_norm());
}

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
    const at::Tensor m = adam_.whole(one, one.m), v = adam_.whole(one, one.v);
    if (!workers_.is_first()) continue;
    state.tensors.emplace_back(prefix + "weight." + name, one.parameter.tensor);
    state.tensors.emplace_back(prefix + "m." + name, m);
    state.tensors.emplace_back(prefix + "v." + name, v);
    if (one.by_rows) state.facts[prefix + "rows." + name] = "true";
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
    const at::Tensor weight = one.parameter.tensor.detach();
    weight.copy_(saved_as(weight, state, prefix + "weight." + name));
    one.m.copy_(Adam::own_rows(one, saved_as(weight, state, prefix + "m." + name)));
    one.v.copy_(Adam::own_rows(one, saved_as(weight, state, prefix + "v." + name)));
    // Saved rows have seen all steps, so one that steps no rows may go on as well.
    if (state.facts.contains(prefix + "rows." + name) && !plain_) one.begin_rows(adam_.steps());
  }
  done_ = static_cast<std::int64_t>(std::stoll(state.fact(prefix + "steps")));
  skipped_ = std::stoi(state.fact(prefix + "skipped"));
}

}  // namespace berta::train
