#include "train/run/run_loop.h"

#include <algorithm>
#include <filesystem>

#include "core/error.h"
#include "io/folder.h"
#include "train/workers/shared_state.h"

namespace berta::train {

RunLoop::RunLoop(const RunSettings& run, SettingFacts facts, Watcher& watcher, Workers& workers)
    : run_(run),
      facts_(std::move(facts)),
      watcher_(watcher),
      checkpoints_(io::join(run.output, "checkpoint")),
      workers_(workers) {}

double RunLoop::seconds() const {
  return time_before_ + std::chrono::duration<double>(Clock::now() - started_).count();
}

void RunLoop::begin(Trainee& trainee) {
  const bool is_there = workers_.is_first() && checkpoints_.has_checkpoint();
  const bool resumed = run_.resume && number_of_first(workers_, is_there ? 1 : 0) == 1;
  const std::string finished = io::join(run_.output, "report.html");
  if (workers_.is_first() && run_.resume && !resumed && io::is_file(finished)) {
    throw UserError(run_.output + ": the training is over, there is nothing to resume");
  }
  if (resumed) resume(trainee);
  if (!workers_.is_first()) return;
  std::error_code none;  // of a training that is begun anew in the folder of another
  std::filesystem::remove(finished, none);
  log_.emplace(run_.output, resumed ? std::optional(done_) : std::nullopt, run_);
}

bool RunLoop::run(Trainee& trainee, std::int64_t steps) {
  begin(trainee);
  started_ = saved_at_ = Clock::now();
  while (done_ < steps && !trainee.ends_early()) {
    if (workers_.alone()) stops_ = watcher_.stop();
    if (stops_) {
      save(trainee, true);
      return false;
    }
    const auto start = Clock::now();
    workers_.set_in_step(true);
    StepReport report = trainee.step(done_++);
    share(report);
    workers_.set_in_step(false);
    count(report, std::chrono::duration<double>(Clock::now() - start).count());
    show(trainee, steps, report);
    const bool last = done_ == steps;
    if (done_ % run_.log_every == 0 || last) write_losses(trainee);
    std::vector<report::NamedValue> measured;
    trainee.evaluate(done_, last, measured);
    if (!measured.empty() && log_) log_->add(done_, trainee.epoch(done_), seconds(), measured);
    const bool by_steps = run_.checkpoint_steps > 0 && done_ % run_.checkpoint_steps == 0;
    if (!last && (by_steps || save_is_due_)) save(trainee, false);
  }
  return true;
}

void RunLoop::share(StepReport& report) {
  const double minutes = std::chrono::duration<double, std::ratio<60>>(Clock::now() - saved_at_).count();
  save_is_due_ = run_.checkpoint_minutes > 0 && minutes > run_.checkpoint_minutes;
  if (workers_.alone()) return;
  std::vector<double> numbers;
  numbers.reserve(report.losses.size() + 3);
  for (const report::NamedValue& loss : report.losses) numbers.push_back(loss.value);
  numbers.push_back(static_cast<double>(report.tokens));
  numbers.push_back(watcher_.stop() ? 1 : 0);
  numbers.push_back(save_is_due_ && workers_.is_first() ? 1 : 0);
  const at::Tensor sums = at::tensor(numbers, at::kDouble);
  workers_.sum(sums);
  const auto* sum = sums.const_data_ptr<double>();
  for (report::NamedValue& loss : report.losses) loss.value = *sum++;
  report.tokens = static_cast<std::int64_t>(*sum++);
  stops_ = *sum++ > 0;
  save_is_due_ = *sum > 0;
}

void RunLoop::count(const StepReport& report, double seconds) {
  if (count_ == 0) sums_.assign(report.losses.size(), {});
  for (std::size_t i = 0; i < report.losses.size(); ++i) {
    sums_[i].name = report.losses[i].name;
    sums_[i].value += report.losses[i].value;
  }
  ++count_;
  rate_ = report.learning_rate;
  norm_ = report.gradient_norm;
  tokens_ += static_cast<double>(report.tokens);
  training_seconds_ += seconds;
  tokens_per_second_ = tokens_ / std::max(training_seconds_, 1e-9);
}

void RunLoop::write_losses(const Trainee& trainee) {
  std::vector<report::NamedValue> values;
  values.reserve(sums_.size() + 3);
  for (const report::NamedValue& sum : sums_)
    values.push_back({sum.name, sum.value / static_cast<double>(count_)});
  last_loss_ = values.front().value;
  values.push_back({"learning_rate", rate_});
  values.push_back({"gradient_norm", norm_});
  values.push_back({"tokens_per_second", tokens_per_second_});
  if (log_) log_->add(done_, trainee.epoch(done_), seconds(), values);
  count_ = 0;
  tokens_ = training_seconds_ = 0;
}

void RunLoop::show(const Trainee& trainee, std::int64_t steps, const StepReport& report) {
  watcher_.progress({.step = done_,
                     .steps = steps,
                     .epoch = trainee.epoch(done_),
                     .loss = report.losses.front().value,
                     .learning_rate = report.learning_rate,
                     .tokens_per_second = tokens_per_second_,
                     .phase = "train"});
}

void RunLoop::save(Trainee& trainee, bool last) {
  TrainingState state;
  state.step = done_;
  for (const auto& [name, value] : facts_) state.facts["setting." + name] = value;
  state.facts["count"] = std::to_string(count_);
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    state.facts["sum." + std::to_string(i)] = exact_text(sums_[i].value);
    state.facts["sum_name." + std::to_string(i)] = sums_[i].name;
  }
  state.facts["last_loss"] = exact_text(last_loss_);
  state.facts["time"] = exact_text(seconds());
  trainee.save(state);
  try {
    if (workers_.is_first()) checkpoints_.write(state);
  } catch (const UserError& error) {
    // The one of before is still there: on a full disk, say, the training goes on.
    if (last) throw;
    watcher_.warn(error.what());
  }
  saved_at_ = Clock::now();
}

void RunLoop::resume(Trainee& trainee) {
  TrainingState state;
  if (workers_.is_first()) state = checkpoints_.read();
  send_state(workers_, state);
  for (const auto& [name, value] : facts_) {
    const std::string& before = state.fact("setting." + name);
    if (before != value) {
      throw UserError(run_.output + ": the training was begun with " + name + " '" + before +
                      "'; to resume it expected the same, found '" + value + "'");
    }
  }
  done_ = state.step;
  count_ = static_cast<std::int64_t>(std::stoll(state.fact("count")));
  for (std::size_t i = 0; state.facts.contains("sum." + std::to_string(i)); ++i) {
    sums_.push_back({state.fact("sum_name." + std::to_string(i)), state.number("sum." + std::to_string(i))});
  }
  last_loss_ = state.number("last_loss");
  time_before_ = state.number("time");
  trainee.restore(state);
  watcher_.note("going on at step " + std::to_string(done_));
}

}  // namespace berta::train
