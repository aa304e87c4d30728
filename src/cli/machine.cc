#include "cli/machine.h"

#include <sched.h>
#include <sys/resource.h>

#include <array>
#include <fstream>
#include <sstream>

namespace berta::cli {
namespace {

/// The value of a line "NAME : value"; empty where there is none.
std::string find_line(const char* path, const std::string& name) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos || line.compare(0, name.size(), name) != 0) continue;
    const std::size_t first = line.find_first_not_of(" \t", colon + 1);
    return first == std::string::npos ? "" : line.substr(first);
  }
  return "";
}

std::size_t find_kilobytes(const std::string& name) {
  std::istringstream text(find_line("/proc/meminfo", name));
  std::size_t kilobytes = 0;
  text >> kilobytes;
  return kilobytes * 1024;
}

}  // namespace

Machine read_machine() {
  Machine machine;
  machine.cpu = find_line("/proc/cpuinfo", "model name");
  if (machine.cpu.empty()) machine.cpu = "unknown";
  std::string flags = find_line("/proc/cpuinfo", "flags");
  if (flags.empty()) flags = find_line("/proc/cpuinfo", "Features");  // Arm
  flags = " " + flags + " ";
  constexpr std::array kNames = {"sse4_2",      "avx",      "f16c",     "fma",         "avx2",
                                 "avx_vnni",    "avx512f",  "avx512bw", "avx512_vnni", "avx512_bf16",
                                 "avx512_fp16", "amx_tile", "amx_bf16", "amx_int8",    "asimd",
                                 "sve",         "bf16",     "i8mm"};
  for (const std::string name : kNames) {
    if (flags.find(" " + name + " ") != std::string::npos) machine.features.push_back(name);
  }
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  if (::sched_getaffinity(0, sizeof(cpus), &cpus) == 0) machine.cores = CPU_COUNT(&cpus);
  machine.memory = find_kilobytes("MemTotal");
  machine.free_memory = find_kilobytes("MemAvailable");
  return machine;
}

std::size_t peak_memory() {
  struct rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::size_t>(usage.ru_maxrss) * 1024;
}

}  // namespace berta::cli
