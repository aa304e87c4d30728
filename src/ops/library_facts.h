#pragma once

#include <string>
#include <vector>

#include "kernels/words.h"

namespace berta::ops {

/// What the kernels run on, and which libraries are in them.
struct LibraryFacts {
  std::string kernels;                ///< the instruction set that was chosen
  std::vector<std::string> compiled;  ///< all sets to choose from, the best first
  bool native_bf16 = false;           ///< bf16 products have instructions of their own
  bool native_int8 = false;
  std::string highway_version;
};

LibraryFacts library_facts();

/// What this machine can do at most, measured on all threads.
struct MachinePeaks {
  double linear = 0;     ///< operations a second of multiply-adds in a format, in registers
  double attention = 0;  ///< the same of the format that attention then takes
  double bandwidth = 0;  ///< bytes read from memory a second
};
MachinePeaks measure_peaks(kernels::Format format);

}  // namespace berta::ops
