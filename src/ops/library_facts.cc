#include "ops/library_facts.h"

#include <dnnl.hpp>

#include "kernels/target.h"

namespace berta::ops {
namespace {

std::string name_of(dnnl::cpu_isa isa) {
  switch (isa) {
    case dnnl::cpu_isa::sse41:
      return "SSE4.1";
    case dnnl::cpu_isa::avx:
      return "AVX";
    case dnnl::cpu_isa::avx2:
      return "AVX2";
    case dnnl::cpu_isa::avx2_vnni:
      return "AVX2, VNNI";
    case dnnl::cpu_isa::avx512_core:
      return "AVX-512";
    case dnnl::cpu_isa::avx512_core_vnni:
      return "AVX-512, VNNI";
    case dnnl::cpu_isa::avx512_core_bf16:
      return "AVX-512, BF16";
    case dnnl::cpu_isa::avx512_core_amx:
      return "AVX-512, AMX";
    default:
      return "number " + std::to_string(static_cast<int>(isa));
  }
}

}  // namespace

LibraryFacts library_facts() {
  const dnnl_version_t* version = dnnl_version();
  const std::string onednn = std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
                             std::to_string(version->patch);
  return {.kernels = std::string(kernels::target_name()),
          .other_kernels = kernels::compiled_targets(),
          .highway_version = kernels::highway_version(),
          .onednn_version = onednn,
          .onednn_isa = name_of(dnnl::get_effective_cpu_isa())};
}

}  // namespace berta::ops
