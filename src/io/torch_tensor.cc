#include "io/torch_tensor.h"

#include <cstring>
#include <optional>

#include "core/checked.h"
#include "core/error.h"
#include "io/safetensors.h"

namespace berta::io {
namespace {

/// One past the last element that a tensor of at least one element reads, counted from its storage's start.
std::optional<std::int64_t> extent_of(const PickleTensor& tensor) {
  std::int64_t last = tensor.offset;
  for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
    const auto step = checked_multiply(tensor.shape[i] - 1, tensor.strides[i]);
    const auto sum = step ? checked_add(last, *step) : std::nullopt;
    if (!sum) return std::nullopt;
    last = *sum;
  }
  return checked_add<std::int64_t>(last, 1);
}

bool is_dense(const PickleTensor& tensor) {
  std::int64_t expected = 1;
  for (std::size_t i = tensor.shape.size(); i-- > 0;) {
    if (tensor.shape[i] != 1 && tensor.strides[i] != expected) return false;
    expected *= tensor.shape[i];
  }
  return true;
}

/// Copies elements in C order: an odometer over all but the last axis.
template <std::size_t kBytes>
void gather_elements(const PickleTensor& tensor, const std::byte* first, std::byte* out) {
  const std::size_t last = tensor.shape.size() - 1;
  std::vector<std::int64_t> index(last, 0);
  const std::int64_t step = tensor.strides[last] * static_cast<std::int64_t>(kBytes);
  const std::byte* row = first;
  while (true) {
    const std::byte* source = row;
    for (std::int64_t i = 0; i < tensor.shape[last]; ++i) {
      std::memcpy(out, source, kBytes);
      out += kBytes;
      if (i + 1 < tensor.shape[last]) source += step;
    }
    std::size_t axis = last;
    while (axis-- > 0) {
      const std::int64_t stride = tensor.strides[axis] * static_cast<std::int64_t>(kBytes);
      if (++index[axis] < tensor.shape[axis]) {
        row += stride;
        break;
      }
      row -= stride * (tensor.shape[axis] - 1);
      index[axis] = 0;
    }
    if (axis > last) return;  // the odometer went all round (0 - 1)
  }
}

}  // namespace

TensorView TensorBuilder::build(const PickleTensor& tensor, std::span<const std::byte> storage,
                                const std::string& what) {
  const auto bytes = byte_size(tensor.dtype, tensor.shape);
  if (!bytes) throw UserError(what + ": shape " + to_string(tensor.shape) + " has no size in bytes");
  TensorView view{tensor.dtype, tensor.shape, storage.data()};
  if (*bytes == 0) return view;
  const auto extent = extent_of(tensor);
  const auto held = storage.size() / size_of(tensor.dtype);
  if (!extent || static_cast<std::uint64_t>(*extent) > held) {
    throw UserError(what + ": shape " + to_string(tensor.shape) + " with strides " +
                    to_string(tensor.strides) + " from element " + std::to_string(tensor.offset) +
                    " goes beyond its storage of " + std::to_string(held) + " elements");
  }
  const std::byte* first = storage.data() + static_cast<std::size_t>(tensor.offset) * size_of(tensor.dtype);
  view.data = is_dense(tensor) ? first : gather(tensor, first, *bytes, what);
  return view;
}

const std::byte* TensorBuilder::gather(const PickleTensor& tensor, const std::byte* first, std::size_t bytes,
                                       const std::string& what) {
  if (bytes > budget_) {
    throw UserError(what + ": copying its strided elements would take " + std::to_string(bytes) +
                    " bytes, more than the file has");
  }
  budget_ -= bytes;
  PickleTensor safe = tensor;
  for (std::size_t i = 0; i < safe.shape.size(); ++i) {
    if (safe.shape[i] == 1) safe.strides[i] = 0;  // never stepped by, so it may be any number
  }
  const std::shared_ptr<std::byte[]> block(new std::byte[bytes]);
  switch (size_of(tensor.dtype)) {
    case 8:
      gather_elements<8>(safe, first, block.get());
      break;
    case 4:
      gather_elements<4>(safe, first, block.get());
      break;
    case 2:
      gather_elements<2>(safe, first, block.get());
      break;
    default:
      gather_elements<1>(safe, first, block.get());
  }
  blocks_.push_back(block);
  return block.get();
}

}  // namespace berta::io
