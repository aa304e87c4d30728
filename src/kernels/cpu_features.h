#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace berta::kernels {

/// Name of the instruction set that the kernels run on: "AVX3_DL" (AVX-512 with VNNI), "AVX2", "NEON", ...
std::string_view target_name();

/// Names of all sets that the kernels were compiled for, the best first.
std::vector<std::string> compiled_targets();

/// Version of Highway, "1.0.3".
std::string highway_version();

/// True where bf16 (int8) products run on instructions of their own, not on wider arithmetic.
bool has_native_bf16();
bool has_native_int8();

}  // namespace berta::kernels
