#include "ops/library_facts.h"

#include "kernels/cpu_features.h"

namespace berta::ops {

LibraryFacts library_facts() {
  return {.kernels = std::string(kernels::target_name()),
          .compiled = kernels::compiled_targets(),
          .native_bf16 = kernels::has_native_bf16(),
          .native_int8 = kernels::has_native_int8(),
          .highway_version = kernels::highway_version()};
}

}  // namespace berta::ops
