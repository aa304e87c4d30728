#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace berta {

/// Element types of tensors in files. Names as safetensors spells them.
enum class DType : std::uint8_t { f64, f32, f16, bf16, i64, i32, i16, i8, u8, boolean };

/// Bytes of one element.
constexpr std::size_t size_of(DType type) {
  switch (type) {
    case DType::f64:
    case DType::i64:
      return 8;
    case DType::f32:
    case DType::i32:
      return 4;
    case DType::f16:
    case DType::bf16:
    case DType::i16:
      return 2;
    default:
      return 1;
  }
}

/// "F32", "BF16", ... (safetensors' spelling).
constexpr std::string_view name_of(DType type) {
  constexpr std::string_view kNames[] = {"F64", "F32", "F16", "BF16", "I64",
                                         "I32", "I16", "I8",  "U8",   "BOOL"};
  return kNames[static_cast<std::size_t>(type)];
}

/// True for the types that a weight may have.
constexpr bool is_floating(DType type) {
  return type == DType::f64 || type == DType::f32 || type == DType::f16 || type == DType::bf16;
}

}  // namespace berta
