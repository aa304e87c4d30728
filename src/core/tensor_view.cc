#include "core/tensor_view.h"

#include <cstring>

#include "core/error.h"
#include "core/half.h"

namespace berta {
namespace {

template <class Bits, class Out, class Decode>
void convert_elements(const std::byte* data, std::span<Out> out, Decode decode) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    Bits bits;
    std::memcpy(&bits, data + i * sizeof(Bits), sizeof(Bits));  // mapped data may be unaligned
    out[i] = static_cast<Out>(decode(bits));
  }
}

template <class Out>
void convert_view(const TensorView& view, std::int64_t first, std::span<Out> out) {
  const auto count = static_cast<std::int64_t>(out.size());
  check_internal(first >= 0 && count <= view.size() && first <= view.size() - count, "range outside tensor");
  const std::byte* data = view.data + static_cast<std::size_t>(first) * size_of(view.dtype);
  switch (view.dtype) {
    case DType::f64:
      return convert_elements<double>(data, out, [](double x) { return x; });
    case DType::f32:
      return convert_elements<float>(data, out, [](float x) { return x; });
    case DType::f16:
      return convert_elements<std::uint16_t>(data, out, half_to_float);
    case DType::bf16:
      return convert_elements<std::uint16_t>(data, out, bfloat16_to_float);
    default:
      throw InternalError("internal error: conversion of a tensor that is not floating");
  }
}

}  // namespace

std::int64_t TensorView::size() const {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) count *= extent;
  return count;
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  return text + "]";
}

void convert(const TensorView& view, std::int64_t first, std::span<float> out) {
  convert_view(view, first, out);
}
void convert(const TensorView& view, std::int64_t first, std::span<double> out) {
  convert_view(view, first, out);
}

}  // namespace berta
