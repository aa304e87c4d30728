#include "train/optim/adam.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/parallel.h"
#include "train/optim/plain_adam.h"

namespace berta::train {
namespace {

/// Elements that a thread takes at least: a few pages.
constexpr std::size_t kGrain = 1 << 14;
constexpr std::size_t kRowGrain = 16;

kernels::AdamTask from(kernels::AdamTask task, std::size_t first, std::size_t count) {
  task.x += first, task.m += first, task.v += first;
  if (task.gradient != nullptr) task.gradient += first;
  task.count = count;
  return task;
}

/// Where the rows of this worker begin, in numbers.
std::ptrdiff_t first_number(const AdamState& state) {
  const at::Tensor& tensor = state.parameter.tensor;
  return state.first_row * (tensor.numel() / std::max<std::int64_t>(tensor.size(0), 1));
}

}  // namespace

bool is_by_rows(const at::Tensor& gradient) {
  return gradient.defined() && gradient.is_sparse();
}

void AdamState::begin_rows(std::int64_t step) {
  by_rows = true;
  row_steps.assign(static_cast<std::size_t>(m.size(0)), static_cast<std::int32_t>(step));
}

Adam::Adam(std::span<const TrainParameter> parameters, const AdamOptions& options, std::int64_t layers,
           Workers& workers)
    : options_(options), workers_(workers) {
  for (const TrainParameter& parameter : parameters) {
    check_internal(parameter.tensor.scalar_type() == at::kFloat && parameter.tensor.is_contiguous(),
                   "Adam takes contiguous floats");
    check_internal(options.plain || parameter.tensor.device().is_cpu(), "our kernels take the CPU's memory");
    const Part own = owned_rows(parameter.tensor.size(0), workers);
    const at::Tensor values = parameter.tensor.detach().narrow(0, own.begin, own.end - own.begin);
    states_.push_back(
        {.parameter = parameter,
         .m = at::zeros_like(values),
         .v = at::zeros_like(values),
         .first_row = own.begin,
         .decays = values.dim() > 1,
         .rate_factor = std::pow(options.layer_decay, static_cast<double>(layers + 1 - parameter.layer)),
         .row_steps = {},
         .history = {}});
  }
}

double Adam::gradient_norm() const {
  std::vector<at::Tensor> norms;
  for (const AdamState& state : states_) {
    at::Tensor gradient = state.parameter.tensor.grad();
    if (!gradient.defined()) continue;
    if (gradient.is_sparse()) gradient = gradient.coalesce()._values();
    norms.push_back(gradient.norm());
  }
  if (norms.empty()) return 0;
  // From a device all at once: each copy would wait for what it has still to do.
  const at::Tensor all = at::stack(norms).to(at::kCPU, at::kDouble);
  double sum = 0;
  for (const double norm : std::span(all.const_data_ptr<double>(), norms.size())) sum += norm * norm;
  return std::sqrt(sum);
}

kernels::AdamStep Adam::scalars(const AdamState& state, std::int64_t step) const {
  const double rate = rates_[static_cast<std::size_t>(step)] * state.rate_factor;
  const double keep = 1 - (state.decays ? rate * options_.weight_decay : 0);
  if (!options_.bias_correction) return {static_cast<float>(keep), static_cast<float>(rate), 1};
  const auto t = static_cast<double>(step + 1);
  return {static_cast<float>(keep), static_cast<float>(rate / (1 - std::pow(options_.beta1, t))),
          static_cast<float>(1 / std::sqrt(1 - std::pow(options_.beta2, t)))};
}

void Adam::restore(std::vector<double> rates) {
  rates_ = std::move(rates);
  all_current_ = -1;
}

at::Tensor Adam::whole(const AdamState& state, const at::Tensor& own) {
  if (workers_.alone()) return own;
  at::Tensor all = at::zeros_like(state.parameter.tensor.detach());
  own_rows(state, all).copy_(own);
  gather_owned(workers_, {all});
  return all;
}

at::Tensor Adam::own_rows(const AdamState& state, const at::Tensor& whole) {
  return whole.narrow(0, state.first_row, state.m.size(0));
}

void Adam::extend_history(AdamState& state) const {
  for (auto step = static_cast<std::int64_t>(state.history.size()); step < steps(); ++step) {
    state.history.push_back(scalars(state, step));
  }
}

kernels::AdamTask Adam::task(const AdamState& state, const kernels::AdamStep& step) const {
  return {.x = state.parameter.tensor.data_ptr<float>() + first_number(state),
          .m = state.m.data_ptr<float>(),
          .v = state.v.data_ptr<float>(),
          .gradient = nullptr,
          .gradient_scale = 1,
          .count = static_cast<std::size_t>(state.m.numel()),
          .moments = {options_.beta1, options_.beta2, options_.epsilon},
          .step = step};
}

void Adam::step_dense(AdamState& state, const at::Tensor& gradient, double scale) {
  if (state.by_rows) {  // a dense gradient after sparse ones
    extend_history(state);
    for (std::int64_t row = 0; row < state.m.size(0); ++row) catch_up_row(state, row, steps() - 1);
    state.by_rows = false;
    state.row_steps.clear();
    state.history.clear();
  }
  kernels::AdamTask whole = task(state, scalars(state, steps() - 1));
  const at::Tensor values = gradient.contiguous();
  whole.gradient = values.const_data_ptr<float>() + first_number(state);
  whole.gradient_scale = static_cast<float>(scale);
  parallel_for(whole.count, kGrain, [&](std::size_t begin, std::size_t end) {
    kernels::adam_update(from(whole, begin, end - begin));
  });
}

void Adam::step_plain(AdamState& state, const at::Tensor& gradient, double scale) {
  check_internal(!is_by_rows(gradient), "a plain step of rows");
  plain_adam_update({.x = own_rows(state, state.parameter.tensor.detach()),
                     .m = state.m,
                     .v = state.v,
                     .gradient = own_rows(state, gradient),
                     .gradient_scale = scale,
                     .moments = {options_.beta1, options_.beta2, options_.epsilon},
                     .step = scalars(state, steps() - 1)});
}

void Adam::catch_up_row(AdamState& state, std::int64_t row, std::int64_t steps) const {
  auto& seen = state.row_steps[static_cast<std::size_t>(row)];
  const auto columns = static_cast<std::size_t>(state.m.size(1));
  for (; seen < steps; ++seen) {
    kernels::adam_update(from(task(state, state.history[static_cast<std::size_t>(seen)]),
                              static_cast<std::size_t>(row) * columns, columns));
  }
}

void Adam::step_rows(AdamState& state, const at::Tensor& gradient, double scale) {
  const at::Tensor sums = gradient.coalesce();
  const at::Tensor rows = sums._indices()[0].contiguous();
  const at::Tensor values = sums._values().contiguous();
  if (!state.by_rows) state.begin_rows(steps() - 1);
  extend_history(state);
  const auto columns = static_cast<std::size_t>(state.m.size(1));
  const auto* const indexes = rows.const_data_ptr<std::int64_t>();
  parallel_for(static_cast<std::size_t>(rows.numel()), kRowGrain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const std::int64_t row = indexes[i] - state.first_row;
      if (row < 0 || row >= state.m.size(0)) continue;  // another worker's
      catch_up_row(state, row, steps() - 1);
      kernels::AdamTask one =
          from(task(state, state.history.back()), static_cast<std::size_t>(row) * columns, columns);
      one.gradient = values.const_data_ptr<float>() + i * columns;
      one.gradient_scale = static_cast<float>(scale);
      kernels::adam_update(one);
      state.row_steps[static_cast<std::size_t>(row)] = static_cast<std::int32_t>(steps());
    }
  });
}

void Adam::step(double rate, double scale) {
  rates_.push_back(rate);
  std::vector<at::Tensor> stepped;
  for (AdamState& state : states_) {
    const at::Tensor& gradient = state.parameter.tensor.grad();
    if (!gradient.defined()) continue;
    if (is_by_rows(gradient) && !options_.plain) {
      step_rows(state, gradient, scale);
      continue;
    }
    options_.plain ? step_plain(state, gradient, scale) : step_dense(state, gradient, scale);
    stepped.push_back(state.parameter.tensor);
  }
  // The others' rows; of a table by rows they come when they are next read.
  gather_owned(workers_, stepped);
  drop_gradients();
}

void Adam::drop_gradients() {
  for (AdamState& state : states_) state.parameter.tensor.mutable_grad() = at::Tensor();
}

void Adam::catch_up(const at::Tensor& table, std::span<const std::int32_t> rows) {
  for (AdamState& state : states_) {
    if (!state.parameter.tensor.is_same(table) || !state.by_rows) continue;
    extend_history(state);
    if (!workers_.alone()) return catch_up_shared(state, rows);
    std::vector<std::int32_t> once(rows.begin(), rows.end());
    std::sort(once.begin(), once.end());
    once.erase(std::unique(once.begin(), once.end()), once.end());
    parallel_for(once.size(), kRowGrain, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) catch_up_row(state, once[i], steps());
    });
  }
}

void Adam::catch_up_shared(AdamState& state, std::span<const std::int32_t> rows) {
  const at::NoGradGuard by_hand;
  const at::Tensor wanted = at::tensor(std::vector<std::int64_t>(rows.begin(), rows.end()), at::kLong);
  const at::Tensor all = std::get<0>(at::_unique(at::cat(gather_rows(workers_, wanted)))).contiguous();
  const at::Tensor own =
      all.masked_select(all.ge(state.first_row).logical_and(all.lt(state.first_row + state.m.size(0))));
  const auto* const indexes = own.const_data_ptr<std::int64_t>();
  parallel_for(static_cast<std::size_t>(own.numel()), kRowGrain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) catch_up_row(state, indexes[i] - state.first_row, steps());
  });
  // One owner a row: the sum with the others' zeros is what it has, to the bit.
  const at::Tensor table = state.parameter.tensor.detach();
  const at::Tensor values = at::zeros({all.numel(), table.size(1)}, table.options());
  values.index_copy_(0, at::searchsorted(all, own), table.index_select(0, own));
  workers_.sum(values);
  table.index_copy_(0, all, values);
}

void Adam::catch_up_all() {
  if (all_current_ == steps()) return;
  all_current_ = steps();
  for (AdamState& state : states_) {
    if (!state.by_rows) continue;
    extend_history(state);
    parallel_for(state.row_steps.size(), kRowGrain, [&](std::size_t begin, std::size_t end) {
      for (std::size_t row = begin; row < end; ++row)
        catch_up_row(state, static_cast<std::int64_t>(row), steps());
    });
    gather_owned(workers_, {state.parameter.tensor});
  }
}

}  // namespace berta::train
