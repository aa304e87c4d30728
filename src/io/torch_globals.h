#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "core/dtype.h"

namespace berta::io {

/// What our machine does when a pickle calls an allowed global.
enum class PickleCall {
  rebuild_tensor,     ///< (storage, offset, shape, strides, ...)
  rebuild_tensor_v3,  ///< (storage, offset, shape, strides, requires_grad, hooks, dtype, ...)
  rebuild_parameter,  ///< (tensor, ...): the tensor
  ordered_dict,       ///< () or ([(key, value) ...])
  default_dict,       ///< (factory): an empty dict
  set,                ///< ([items])
  size,               ///< (tuple): the tuple
  opaque,             ///< anything: an object that is only carried along
  storage_type,       ///< not callable; names a storage's element type
  dtype,              ///< not callable; names an element type
  type,               ///< not callable; a Python type such as int
};

struct PickleGlobal {
  std::string_view module;
  std::string_view name;
  PickleCall call;
  std::optional<DType> dtype = std::nullopt;  ///< of storage_type and dtype
};

/// Index of an allowed global, or nothing. The list holds what torch.load(weights_only=True) allows and real
/// checkpoints contain, no more.
std::optional<std::size_t> find_global(std::string_view module, std::string_view name);

const PickleGlobal& global_at(std::size_t index);

}  // namespace berta::io
