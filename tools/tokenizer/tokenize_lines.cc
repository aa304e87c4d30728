// tokenize_lines FOLDER MODE: JSON lines in, JSON lines out; for tools/tokenizer/compare.py.
// In: {"text", "pair"?, "max_length"?, "truncation"?, "stride"? (then windows), "specials"?: bool}
//     or {"ids", "skip"?: bool} (decode).
// Out: {"ids", "offsets", "types"}, a list of these for windows, {"text"} for decode, {"error"}.
// With --bench FILE it encodes the lines of a text file once and prints the speed.

#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>
#include <string>

#include "core/error.h"
#include "io/json.h"
#include "tokenizer/tokenizer.h"

namespace {

using berta::io::Json;
using namespace berta::tokenizer;

Mode mode_of(const std::string& name) {
  if (name == "hf4") return Mode::hf4;
  if (name == "hf5") return Mode::hf5;
  if (name == "spm") return Mode::spm;
  return Mode::automatic;
}

Truncation truncation_of(const std::string& name) {
  if (name == "only_first") return Truncation::only_first;
  if (name == "only_second") return Truncation::only_second;
  if (name == "head") return Truncation::head;
  if (name == "tail") return Truncation::tail;
  if (name == "error") return Truncation::error;
  return Truncation::longest_first;
}

void append(std::string& out, const Encoding& encoding) {
  const auto list = [&](const char* name, const auto& values, const auto& print) {
    out += std::string("\"") + name + "\":[";
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) out += ',';
      print(values[i]);
    }
    out += ']';
  };
  out += '{';
  list("ids", encoding.ids, [&](std::int32_t id) { out += std::to_string(id); });
  out += ',';
  list("offsets", encoding.offsets,
       [&](Offset o) { out += '[' + std::to_string(o.begin) + ',' + std::to_string(o.end) + ']'; });
  out += ',';
  list("types", encoding.type_ids, [&](std::int32_t id) { out += std::to_string(id); });
  out += '}';
}

std::string text_of(const Json& line, const char* key) {
  const Json* value = line.find(key);
  return value != nullptr ? value->as_string(key) : std::string();
}

std::size_t size_of(const Json& line, const char* key) {
  const Json* value = line.find(key);
  return value != nullptr ? static_cast<std::size_t>(value->as_integer(key)) : 0;
}

bool flag_of(const Json& line, const char* key, bool otherwise) {
  const Json* value = line.find(key);
  return value != nullptr ? value->as_bool(key) : otherwise;
}

std::string decode(const Tokenizer& tokenizer, const Json& line) {
  std::vector<std::int32_t> ids;
  for (const Json& id : line.find("ids")->as_array("ids"))
    ids.push_back(static_cast<std::int32_t>(id.as_integer("ids")));
  std::string out = "{\"text\":";
  berta::io::append_json_string(out, tokenizer.decode(ids, flag_of(line, "skip", false)));
  return out + "}";
}

std::string answer(const Tokenizer& tokenizer, const Json& line, bool specials) {
  if (line.find("ids") != nullptr) return decode(tokenizer, line);
  const std::string text = text_of(line, "text"), pair = text_of(line, "pair");
  const bool has_pair = line.find("pair") != nullptr;
  std::string out;
  if (line.find("stride") != nullptr) {
    const WindowOptions options{size_of(line, "max_length"), size_of(line, "stride")};
    const auto windows =
        has_pair ? tokenizer.encode_windows(text, pair, options) : tokenizer.encode_windows(text, options);
    for (const Encoding& window : windows) {
      out += out.empty() ? '[' : ',';
      append(out, window);
    }
    return out + "]";
  }
  const EncodeOptions options{flag_of(line, "specials", specials), size_of(line, "max_length"),
                              truncation_of(text_of(line, "truncation"))};
  append(out, has_pair ? tokenizer.encode_pair(text, pair, options) : tokenizer.encode(text, options));
  return out;
}

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
  std::printf("%zu lines, %.1f MB, %zu tokens, %.3f s, %.1f MB/s on one core\n", lines.size(), megabytes, tokens,
              seconds, megabytes / seconds);
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
