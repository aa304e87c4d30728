#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "io/weight_file.h"

namespace berta::io {

/// Reads what torch.save wrote (pytorch_model.bin): the zip form of torch 1.6 and later, or the older one.
/// Executes nothing and copies no payload, but for tensors whose elements don't lie in C order.
/// A state dict inside {"state_dict" | "model_state_dict" | "model" | "module": ...} is found; values beside
/// the tensors are passed over, but for "config" (old Microsoft files), which becomes embedded_config.
/// `file` begins the errors. Throws UserError.
WeightFile parse_torch(std::span<const std::byte> bytes, std::string_view file);

}  // namespace berta::io
