#pragma once

#include "infer/work.h"
#include "ops/library_facts.h"

namespace berta::infer {

/// What computes on this machine, for `doctor`.
using BackendFacts = ops::LibraryFacts;
BackendFacts backend_facts();

using MachinePeaks = ops::MachinePeaks;
MachinePeaks measure_peaks(Precision precision);

/// Seconds that the work takes at least: its operations at the peaks, or its weights at the bandwidth.
double least_seconds(const Work& work, const MachinePeaks& peaks);

}  // namespace berta::infer
