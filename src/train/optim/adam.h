#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernels/adam.h"
#include "train/model/train_model.h"
#include "train/workers/workers.h"

namespace berta::train {

struct AdamOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.01;   ///< not of biases and norms
  bool bias_correction = true;  ///< false: Microsoft's XAdam
  double layer_decay = 1;       ///< the rate of layer i is layer_decay^(layers + 1 - i) of the heads'
  bool plain = false;           ///< by ATen's operations, for tensors of any device; no table by rows
};

/// A parameter and its moments.
struct AdamState {
  TrainParameter parameter;
  at::Tensor m, v;             ///< of the rows that this worker owns
  std::int64_t first_row = 0;  ///< the first of them
  bool decays = false;
  double rate_factor = 1;
  bool by_rows = false;  ///< a table with sparse gradients
  /// Of such a table: the last step that each own row has seen.
  std::vector<std::int32_t> row_steps;
  std::vector<kernels::AdamStep> history;  ///< of such a table: the numbers of each step so far

  /// From here on by rows; all have seen `step`.
  void begin_rows(std::int64_t step);
};

/// AdamW, or XAdam, over float parameters: on the CPU by our kernels, else by ATen's operations (plain_adam).
/// On the CPU a table whose gradients are sparse is stepped by rows:
/// one that a step did not touch costs nothing then, and catches up, with the bits of a dense optimiser, when
/// it is next read. Of several workers each keeps the moments of its own rows of every parameter, steps
/// those, and gets the others' (ZeRO-1, Rajbhandari et al. 2020); all must make the same calls.
class Adam {
 public:
  /// `layers`: of the encoder. Parameters that decay are those of two and more dimensions.
  Adam(std::span<const TrainParameter> parameters, const AdamOptions& options, std::int64_t layers,
       Workers& workers = only_worker());

  /// The global norm of the gradients that the parameters have.
  double gradient_norm() const;

  /// Steps with gradients, which all workers have, times `scale`, and drops them. A parameter without
  /// gradient stays as it is.
  void step(double rate, double scale);
  void drop_gradients();

  /// Must be called before rows of the table are read: brings them to the present step, at each worker those
  /// that it names.
  void catch_up(const at::Tensor& table, std::span<const std::int32_t> rows);
  /// All rows of all tables: before a model is used or saved.
  void catch_up_all();

  std::int64_t steps() const { return static_cast<std::int64_t>(rates_.size()); }
  const std::vector<AdamState>& states() const { return states_; }

  /// For checkpoints: the rates of all steps so far, and the moments of all rows.
  const std::vector<double>& rates() const { return rates_; }
  void restore(std::vector<double> rates);
  std::vector<AdamState>& states() { return states_; }
  /// `own`: m or v of the state.
  at::Tensor whole(const AdamState& state, const at::Tensor& own);
  /// The rows that the state's worker owns.
  static at::Tensor own_rows(const AdamState& state, const at::Tensor& whole);

 private:
  kernels::AdamStep scalars(const AdamState& state, std::int64_t step) const;
  kernels::AdamTask task(const AdamState& state, const kernels::AdamStep& step) const;
  void extend_history(AdamState& state) const;
  void step_dense(AdamState& state, const at::Tensor& gradient, double scale);
  void step_plain(AdamState& state, const at::Tensor& gradient, double scale);
  void step_rows(AdamState& state, const at::Tensor& gradient, double scale);
  void catch_up_shared(AdamState& state, std::span<const std::int32_t> rows);
  /// Steps row_steps[row] ... steps - 1 of an own row without gradient. For several rows at once.
  void catch_up_row(AdamState& state, std::int64_t row, std::int64_t steps) const;

  AdamOptions options_;
  Workers& workers_;
  std::int64_t all_current_ = -1;  ///< the step to which all rows were brought
  std::vector<AdamState> states_;
  std::vector<double> rates_;  ///< learning rate of each step
};

/// True for gradients by rows (those of an embedding that was only looked up).
bool is_by_rows(const at::Tensor& gradient);

}  // namespace berta::train
