#pragma once

#include <string>

#include "io/json.h"
#include "tokenizer/tokenizer.h"

// The lines that tokenize_lines reads and writes; the tests read their goldens by it too.
// In: {"text", "pair"?, "max_length"?, "truncation"?, "stride"? (then windows), "specials"?: bool}
//     or {"ids", "skip"?: bool} (decode).
// Out: {"ids", "offsets", "types"}, a list of these for windows, or {"text"} for decode.

namespace berta::tokenizer::lines {

using io::Json;

inline Mode mode_of(const std::string& name) {
  if (name == "hf4") return Mode::hf4;
  if (name == "hf5") return Mode::hf5;
  if (name == "spm") return Mode::spm;
  return Mode::automatic;
}

inline Truncation truncation_of(const std::string& name) {
  if (name == "only_first") return Truncation::only_first;
  if (name == "only_second") return Truncation::only_second;
  if (name == "head") return Truncation::head;
  if (name == "tail") return Truncation::tail;
  if (name == "error") return Truncation::error;
  return Truncation::longest_first;
}

inline void append(std::string& out, const Encoding& encoding) {
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

inline std::string text_of(const Json& line, const char* key) {
  const Json* value = line.find(key);
  return value != nullptr ? value->as_string(key) : std::string();
}

inline std::size_t size_of(const Json& line, const char* key) {
  const Json* value = line.find(key);
  return value != nullptr ? static_cast<std::size_t>(value->as_integer(key)) : 0;
}

inline bool flag_of(const Json& line, const char* key, bool otherwise) {
  const Json* value = line.find(key);
  return value != nullptr ? value->as_bool(key) : otherwise;
}

inline std::string decode(const Tokenizer& tokenizer, const Json& line) {
  std::vector<std::int32_t> ids;
  for (const Json& id : line.find("ids")->as_array("ids"))
    ids.push_back(static_cast<std::int32_t>(id.as_integer("ids")));
  std::string out = "{\"text\":";
  io::append_json_string(out, tokenizer.decode(ids, flag_of(line, "skip", false)));
  return out + "}";
}

/// The answer to one line. `specials`: whether the template is put around where the line does not say.
/// Throws UserError as the tokenizer does.
inline std::string answer(const Tokenizer& tokenizer, const Json& line, bool specials) {
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

}  // namespace berta::tokenizer::lines
