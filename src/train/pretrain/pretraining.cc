#include "train/pretrain/pretraining.h"

#include <algorithm>

#include "core/error.h"

namespace berta::train {

using report::NamedValue;

void Pretraining::evaluate(std::int64_t done, bool last, std::vector<NamedValue>& measured) {
  const bool due = settings_.evaluate_steps > 0 && done % settings_.evaluate_steps == 0;
  if ((!due && !last) || batches_.held_out_chunks() == 0) return;
  last_ = measured = measure_held_out();
  watcher_.note("step " + std::to_string(done) + ": " + measured.front().name + " " +
                std::to_string(measured.front().value));
}

std::vector<NamedValue> Pretraining::measure_held_out() {
  catch_up();
  const std::int64_t size = settings_.run.batch_size;
  const std::int64_t chunks = std::min(batches_.held_out_chunks(), settings_.evaluate_chunks);
  const std::int64_t parts = (chunks + size - 1) / size;
  std::vector<NamedValue> means = figure_names();
  for (std::int64_t part = workers_.rank(); part < parts; part += workers_.size()) {
    const std::int64_t first = part * size;
    const auto one = measure(batches_.held_out(first, std::min(size, chunks - first)),
                             key(static_cast<std::uint64_t>(first), 2));
    for (std::size_t i = 0; i < one.size(); ++i) means[i].value += one[i];
  }
  std::vector<double> sums;
  sums.reserve(means.size());
  for (const NamedValue& value : means) sums.push_back(value.value);
  const at::Tensor all = at::tensor(sums, at::kDouble);
  workers_.sum(all);
  for (std::size_t i = 0; i < means.size(); ++i) {
    means[i].value = all.const_data_ptr<double>()[i] / static_cast<double>(parts);
  }
  return means;
}

void Pretraining::step_or_skip(std::int64_t now, const Trained& trained, double norm) {
  Stepper& stepper = trained.stepper;
  StepDump* const to = dump(now);
  if (to != nullptr) to->add_gradients(trained.prefix, trained.model);
  const auto result = stepper.step(norm);
  if (to != nullptr) {
    stepper.adam().catch_up_all();
    to->add_weights(trained.prefix, trained.model);
  }
  if (result == Stepper::Result::stepped) return;
  watcher_.warn("step " + std::to_string(stepper.done()) + ": the gradients of the " + trained.name +
                " are not finite; the step is left out");
  if (stepper.skipped_in_a_row() >= Stepper::kMostSkipped) {
    throw UserError("training diverged: the gradients of the " + trained.name + " are not finite in " +
                    std::to_string(Stepper::kMostSkipped) + " steps in a row, up to step " +
                    std::to_string(stepper.done()));
  }
}

MaskedBatch Pretraining::own_part(std::int64_t number) {
  const Part part = part_of(settings_.run.batch_size, workers_);
  MaskedBatch batch = batches_.batch(number, part.begin, part.end);
  if (workers_.alone()) return batch;
  const auto gaps = static_cast<double>(batch.labels.size());
  const auto tokens = static_cast<double>(batch.batch.tokens.ids.size());
  const at::Tensor counts = workers_.gather(at::tensor({gaps, tokens}, at::kDouble));
  const at::Tensor sums = counts.sum(0);
  batch.gap_share = gaps / std::max(sums[0].item<double>(), 1.0);
  batch.token_share = tokens / std::max(sums[1].item<double>(), 1.0);
  batch.first_gap = static_cast<std::int64_t>(counts.narrow(0, 0, workers_.rank()).sum(0)[0].item<double>());
  return batch;
}

std::unique_ptr<Pretraining> make_pretraining(const PretrainSettings& settings, const PretrainWorld& world) {
  return settings.objective == Objective::rtd ? rtd_pretraining(settings, world)
                                              : masked_pretraining(settings, world);
}

}  // namespace berta::train
