#include "infer/backend_facts.h"

#include <algorithm>

#include "infer/precision.h"

namespace berta::infer {

BackendFacts backend_facts() {
  return ops::library_facts();
}

MachinePeaks measure_peaks(Precision precision) {
  return ops::measure_peaks(format_of(precision));
}

double least_seconds(const Work& work, const MachinePeaks& peaks) {
  return std::max(work.linear / peaks.linear + work.attention / peaks.attention,
                  work.weight_bytes / peaks.bandwidth);
}

}  // namespace berta::infer
