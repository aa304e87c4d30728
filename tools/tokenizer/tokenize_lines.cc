// tokenize_lines FOLDER MODE: JSON lines in, JSON lines out (line_protocol.h); {"error"} where a line fails.
// For tools/tokenizer/compare.py. With --bench FILE it encodes the lines of a text file once and prints the
// speed.

#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "core/error.h"
#include "line_protocol.h"

namespace {

using namespace berta::tokenizer;
using lines::answer;
using lines::mode_of;

int bench(const Tokenizer& tokenizer, const char* path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  std::size_t bytes = 0;
  for (std::string line; std::getline(file, line);) {
    bytes += line.size() + 1;
    lines.push_back(line);
  }
  std::size_t tokens = 0;
  const std::clock_t start = std::clock();  // processor time: other programs may run beside
  for (const std::string& line : lines) tokens += tokenizer.encode(line, {}).ids.size();
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  const double megabytes = static_cast<double>(bytes) / 1e6;
  std::printf("%zu lines, %.1f MB, %zu tokens, %.3f s, %.1f MB/s on one core\n", lines.size(), megabytes,
              tokens, seconds, megabytes / seconds);
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    if (count < 3) throw berta::UserError("usage: tokenize_lines FOLDER hf4|hf5|spm|auto [--bench FILE]");
    const std::clock_t start = std::clock();
    const Mode mode = mode_of(arguments[2]);
    const auto tokenizer = load_tokenizer(arguments[1], mode);
    if (count == 5 && std::string(arguments[3]) == "--bench") {
      std::printf("%s, loaded in %.1f ms\n", tokenizer->description().c_str(),
                  static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC * 1e3);
      return bench(*tokenizer, arguments[4]);
    }
    std::ios::sync_with_stdio(false);
    for (std::string line; std::getline(std::cin, line);) {
      std::string out;
      try {
        out = answer(*tokenizer, berta::io::parse_json(line, "line"), mode != Mode::spm);
      } catch (const berta::UserError& error) {
        out = "{\"error\":";
        berta::io::append_json_string(out, error.what());
        out += '}';
      }
      std::cout << out << '\n';
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return 0;
}
