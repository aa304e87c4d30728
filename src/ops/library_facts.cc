#include "ops/library_facts.h"

#include "kernels/cpu_features.h"

namespace berta::ops {

LibraryFacts library_facts() {
  return {.kernels = std::string(kernels::target_name()),
          .other_kernels = kernels::compiled_targets(),
          .highway_version = kernels::highway_version(),
          .native_bf16 = kernels::has_native_bf16(),
          .native_int8 = kernels::has_native_int8()};
}

}  // namespace berta::ops
