#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace berta {

/// Element types of tensors in files. Names as safetensors spells them. Those after `boolean` can be listed
/// but not computed with: nothing converts them, and is_floating() is false for them.
enum class DType : std::uint8_t {
  f64,
  f32,
  f16,
  bf16,
  i64,
  i32,
  i16,
  i8,
  u8,
  boolean,
  u64,
  u32,
  u16,
  c64,
  f8_e4m3,
  f8_e5m2,
  f8_e8m0,
  f8_e4m3fnuz,
  f8_e5m2fnuz,
  f6_e2m3,
  f6_e3m2,
  f4,
};

namespace detail {
struct DTypeFacts {
  std::string_view name;
  std::uint8_t bits;
};
inline constexpr DTypeFacts kDTypes[] = {
    {"F64", 64},        {"F32", 32},    {"F16", 16},    {"BF16", 16},   {"I64", 64},    {"I32", 32},
    {"I16", 16},        {"I8", 8},      {"U8", 8},      {"BOOL", 8},    {"U64", 64},    {"U32", 32},
    {"U16", 16},        {"C64", 64},    {"F8_E4M3", 8}, {"F8_E5M2", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8},
    {"F8_E5M2FNUZ", 8}, {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"F4", 4},
};
}  // namespace detail

/// Bits of one element; 4 and 6 for the packed types.
constexpr std::size_t bits_of(DType type) {
  return detail::kDTypes[static_cast<std::size_t>(type)].bits;
}

/// Bytes of one element; 1 for the packed types of fewer than 8 bits.
constexpr std::size_t size_of(DType type) {
  return (bits_of(type) + 7) / 8;
}

/// "F32", "BF16", ... (safetensors' spelling).
constexpr std::string_view name_of(DType type) {
  return detail::kDTypes[static_cast<std::size_t>(type)].name;
}

/// The type of that name, or nothing.
constexpr std::optional<DType> dtype_of(std::string_view name) {
  std::size_t index = 0;
  for (const auto& facts : detail::kDTypes) {
    if (facts.name == name) return static_cast<DType>(index);
    ++index;
  }
  return std::nullopt;
}

/// True for the types that a weight may have.
constexpr bool is_floating(DType type) {
  return type == DType::f64 || type == DType::f32 || type == DType::f16 || type == DType::bf16;
}

}  // namespace berta
