#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace berta::kernels {

/// The instruction set that this machine's kernels run with, as Highway names it: "AVX2", "AVX3", "NEON".
std::string_view target_name();

/// All sets that the kernels were compiled for, widest first.
std::vector<std::string> compiled_targets();

/// "1.0.3".
std::string highway_version();

}  // namespace berta::kernels
