#pragma once

#include <string_view>
#include <vector>

#include "infer/model.h"

namespace berta::infer {

/// The heads whose tensors are there.
std::vector<Head> heads_of(const model::HeadShape& shape);

/// What `Head::automatic` means: see Head.
Head choose_head(const ModelInfo& info, const model::HeadShape& shape);

/// What a head stands on.
struct HeadNeed {
  bool there;
  const char* tensors;  ///< for messages
};
HeadNeed need_of(Head head, const model::HeadShape& shape);

/// True where the mask decoder can run, and where `MaskDecoder::automatic` runs it.
bool can_decode_masks(const ModelInfo& info, bool has_positions);
bool decodes_masks(const ModelInfo& info, const model::HeadShape& shape, bool has_positions);

}  // namespace berta::infer
