// Any bytes as JSON: a UserError, or a value that is written and read back the same.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/error.h"
#include "io/json.h"

namespace {

using berta::io::Json;

void write(std::string& out, const Json& json) {
  if (json.is_array()) {
    out += '[';
    for (const Json& item : json.as_array("")) {
      if (out.back() != '[') out += ',';
      write(out, item);
    }
    out += ']';
  } else if (json.is_object()) {
    out += '{';
    for (const auto& [key, value] : json.as_object("")) {
      if (out.back() != '{') out += ',';
      berta::io::append_json_string(out, key);
      out += ':';
      write(out, value);
    }
    out += '}';
  } else if (json.is_string()) {
    berta::io::append_json_string(out, json.as_string(""));
  } else if (json.is_integer()) {
    out += std::to_string(json.as_integer(""));
  } else if (json.is_number()) {
    berta::io::append_json_number(out, json.as_number(""));
  } else {
    out += json.is_null() ? "null" : json.as_bool("") ? "true" : "false";
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  Json json;
  try {
    json = berta::io::parse_json(text, "fuzz");
  } catch (const berta::UserError&) {
    return 0;
  }
  std::string once, twice;
  write(once, json);
  write(twice, berta::io::parse_json(once, "written"));
  if (once != twice) std::abort();
  return 0;
}
