#pragma once

#include <string>
#include <vector>

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

}  // namespace berta::ops
