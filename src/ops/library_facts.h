#pragma once

#include <string>
#include <vector>

namespace berta::ops {

/// What computes on this machine.
struct LibraryFacts {
  std::string kernels;                     ///< the instruction set that Highway chose
  std::vector<std::string> other_kernels;  ///< compiled in beside it
  std::string highway_version;
  bool native_bf16 = false;  ///< bf16 (int8) products run on instructions of their own
  bool native_int8 = false;
};

LibraryFacts library_facts();

}  // namespace berta::ops
