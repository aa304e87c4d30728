#pragma once

#include "infer/model.h"
#include "infer/weight_loader.h"

namespace berta::infer {

/// The heads that a checkpoint has tensors of.
model::HeadShape find_heads(const io::Checkpoint& checkpoint, const ModelInfo& info);

/// True where an absolute position table is there or needed.
bool has_position_table(const io::Checkpoint& checkpoint, const ModelInfo& info);

/// What `finder` left over, and what else loading found; without the heads.
LoadReport make_report(const io::Checkpoint& checkpoint, const ModelInfo& info, const TensorFinder& finder);

}  // namespace berta::infer
