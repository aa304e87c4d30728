#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace berta::cli {

/// The machine, as the system tells.
struct Machine {
  std::string cpu;                    ///< "AMD EPYC ..."; "unknown" where the system does not say
  std::vector<std::string> features;  ///< instruction sets that matter to us, as /proc/cpuinfo spells them
  int cores = 0;                      ///< that this process may use
  std::size_t memory = 0;             ///< bytes
  std::size_t free_memory = 0;        ///< bytes that programs can have
};
Machine read_machine();

/// Largest resident memory of this process so far, in bytes.
std::size_t peak_memory();

}  // namespace berta::cli
