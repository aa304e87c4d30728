#include "infer/precision.h"

namespace berta::infer {

std::string_view name_of(Precision precision) {
  constexpr std::string_view kNames[] = {"auto", "f32", "bf16", "int8"};
  return kNames[static_cast<std::size_t>(precision)];
}

kernels::Format format_of(Precision precision) {
  if (precision == Precision::bf16) return kernels::Format::bf16;
  return precision == Precision::int8 ? kernels::Format::int8 : kernels::Format::f32;
}

}  // namespace berta::infer
