#pragma once

#include <optional>
#include <vector>

#include "model/encoder.h"
#include "train/train_model.h"

namespace berta::train {

/// Sequences packed behind one another.
struct Batch {
  model::Tokens tokens;
  model::Rows picked;                     ///< rows that a head is asked for, by sequence, at their positions
  std::vector<std::int32_t> picked_rows;  ///< their indexes into tokens
};

/// One forward pass of a model; holds what its gradients need, so it must live until they are computed.
class Forward {
 public:
  Forward(const TrainModel& model, const RunOptions& options, const Batch& batch);
  Forward(const Forward&) = delete;
  Forward& operator=(const Forward&) = delete;

  /// Output of the last layer, [rows, D].
  const at::Tensor& hidden() const { return encoded_.last; }

  at::Tensor sequence_logits();        ///< [sequences, labels], through the pooler
  at::Tensor token_logits();           ///< [rows, labels]
  at::Tensor answer_logits();          ///< [rows, 2]: start and end
  at::Tensor replaced_token_logits();  ///< [rows]
  /// [picked, vocabulary], through the Enhanced Mask Decoder or of the last layer.
  at::Tensor mask_logits(bool enhanced);
  /// What mask_logits' table is multiplied with: LN(act(W z + b)), [picked, embedding size].
  at::Tensor mask_features(bool enhanced);

  TorchOps& ops() { return ops_; }

 private:
  const TrainModel& model_;
  const Batch& batch_;
  TorchOps ops_;
  model::RelativeRows relative_;
  model::Context context_;
  std::vector<model::PositionProjections<TorchOps>> positions_;
  model::Encoded<TorchOps> encoded_;
};

}  // namespace berta::train
