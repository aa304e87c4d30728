#pragma once

#include <optional>
#include <vector>

#include "model/encoder.h"
#include "train/model/train_model.h"

namespace berta::train {

/// Sequences packed behind one another.
struct Batch {
  model::Tokens tokens;
  model::Rows picked;                     ///< rows that a head is asked for, by sequence, at their positions
  std::vector<std::int32_t> picked_rows;  ///< their indexes into tokens
};

/// Which rows of the last layer's output a head reads. The others are not computed.
enum class NeededRows : std::uint8_t {
  all,
  first,   ///< of each sequence
  masked,  ///< Batch::picked, through the Enhanced Mask Decoder: the last layer runs there only
  picked,  ///< Batch::picked
};

/// One forward pass of a model; holds what its gradients need, so it must live until they are computed.
class Forward {
 public:
  Forward(const TrainModel& model, const RunOptions& options, const Batch& batch,
          NeededRows needed = NeededRows::all);
  Forward(const Forward&) = delete;
  Forward& operator=(const Forward&) = delete;

  /// Output of the last layer, [needed rows, D].
  const at::Tensor& hidden() const { return hidden_; }

  at::Tensor sequence_logits();        ///< [sequences, labels], through the pooler
  at::Tensor token_logits();           ///< [rows, labels], or of the picked ones
  at::Tensor answer_logits();          ///< [rows, 2]: start and end
  at::Tensor replaced_token_logits();  ///< [rows]
  /// [picked, vocabulary]: through the Enhanced Mask Decoder with NeededRows::masked, else of the last layer.
  at::Tensor mask_logits();
  /// What mask_logits' table is multiplied with: LN(act(W z + b)), [picked, embedding size].
  at::Tensor mask_features();

  TorchOps& ops() { return ops_; }

 private:
  void project_positions();
  void find_asked();
  /// Those rows of the last layer's output, which are all that is there unless everything was needed.
  at::Tensor rows_of_last(const std::vector<std::int32_t>& rows);
  at::Tensor decoded_masks();

  const TrainModel& model_;
  const Batch& batch_;
  TorchOps ops_;
  model::RelativeRows relative_;
  model::Context context_;
  std::vector<model::PositionProjections<TorchOps>> positions_;
  NeededRows needed_;
  model::Rows asked_;                  // the needed rows by sequence, where they are not all
  std::vector<std::int32_t> indexes_;  // of them
  at::Tensor before_last_;             // input of the last layer
  at::Tensor hidden_;
};

}  // namespace berta::train
