#include "ops/library_facts.h"

#include "kernels/cpu_features.h"
#include "kernels/peaks.h"
#include "ops/cpu.h"

namespace berta::ops {

LibraryFacts library_facts() {
  return {.kernels = std::string(kernels::target_name()),
          .compiled = kernels::compiled_targets(),
          .native_bf16 = kernels::has_native_bf16(),
          .native_int8 = kernels::has_native_int8(),
          .highway_version = kernels::highway_version()};
}

MachinePeaks measure_peaks(kernels::Format format) {
  constexpr double kSeconds = 0.1;  // each: some tens of tries, of which the best counts
  MachinePeaks peaks{.linear = kernels::peak_operations(format, kSeconds),
                     .attention = 0,
                     .bandwidth = kernels::read_bandwidth(kSeconds)};
  const kernels::Format attention = attention_format(format);
  peaks.attention = attention == format ? peaks.linear : kernels::peak_operations(attention, kSeconds);
  return peaks;
}

}  // namespace berta::ops
