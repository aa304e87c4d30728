// Says what our readers make of weight files and JSON texts.
// corpus_judge PATH: opens a file or folder; prints the verdict, CPU milliseconds and peak memory.
// corpus_judge --safetensors: reads cases from standard input, each 4 bytes of length (little-endian) and the
// bytes of a file, and prints one JSON line a case: {"error": TEXT} or {"tensors": [[name, dtype, shape,
// data]...]}.
#include <sys/resource.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>

#include "core/error.h"
#include "io/checkpoint.h"
#include "io/safetensors.h"

namespace {

using namespace berta;

void append_tensor(std::string& out, const io::NamedTensor& tensor) {
  if (out.back() != '[') out += ',';
  out += '[';
  io::append_json_string(out, tensor.name);
  out += ',';
  io::append_json_string(out, name_of(tensor.view.dtype));
  out += ',' + to_string(tensor.view.shape) + ",\"";
  const std::size_t bytes = io::byte_size(tensor.view.dtype, tensor.view.shape).value();
  for (std::size_t i = 0; i < bytes; ++i) {
    char hex[3];
    std::snprintf(hex, sizeof hex, "%02x", static_cast<unsigned>(tensor.view.data[i]));
    out += hex;
  }
  out += "\"]";
}

std::string judge_safetensors(const std::string& content) {
  std::string line;
  try {
    const io::WeightFile file = io::parse_safetensors(std::as_bytes(std::span(content)), "case");
    line = "{\"tensors\":[";
    for (const io::NamedTensor& tensor : file.tensors) append_tensor(line, tensor);
    return line + "]}";
  } catch (const UserError& error) {
    line = "{\"error\":";
    io::append_json_string(line, error.what());
    return line + "}";
  }
}

int judge_stream() {
  std::uint32_t length = 0;
  while (std::fread(&length, sizeof length, 1, stdin) == 1) {
    std::string content(length, '\0');
    if (std::fread(content.data(), 1, length, stdin) != length) return 1;
    std::puts(judge_safetensors(content).c_str());
  }
  return 0;
}

std::string open_path(const std::string& path) {
  try {
    if (path.ends_with(".json") && !std::filesystem::is_directory(path)) {
      io::read_json(path);
      return "read";
    }
    return std::to_string(io::Checkpoint::open(path).tensors().size()) + " tensors";
  } catch (const UserError& error) {
    return std::string("refused: ") + error.what();
  }
}

double cpu_milliseconds(const rusage& usage) {
  const auto milliseconds = [](const timeval& t) {
    return 1e3 * static_cast<double>(t.tv_sec) + 1e-3 * static_cast<double>(t.tv_usec);
  };
  return milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  if (std::strcmp(argv[1], "--safetensors") == 0) return judge_stream();
  const std::string verdict = open_path(argv[1]);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("%.1f ms\t%ld KB\t%s\n", cpu_milliseconds(usage), usage.ru_maxrss, verdict.c_str());
  return 0;
}
