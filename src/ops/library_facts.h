#pragma once

#include <string>
#include <vector>

namespace berta::ops {

/// Versions and choices of the libraries that compute.
struct LibraryFacts {
  std::string kernels;                     ///< the instruction set that Highway chose
  std::vector<std::string> other_kernels;  ///< compiled in beside it
  std::string highway_version;
  std::string onednn_version;
  std::string onednn_isa;
};

LibraryFacts library_facts();

}  // namespace berta::ops
