#include "report/pretty_json.h"

#include <algorithm>

#include "core/error.h"
#include "io/json.h"

namespace berta::report {
namespace {

constexpr std::size_t kLongestLine = 88;

bool is_flat(const io::Json& json) {
  if (json.is_object()) return json.as_object("").empty();
  if (!json.is_array()) return true;
  const auto& items = json.as_array("");
  return std::none_of(items.begin(), items.end(),
                      [](const io::Json& item) { return item.is_array() || item.is_object(); });
}

/// A value on one line, with blanks after the commas.
std::string flat(const io::Json& json) {
  std::string out;
  if (!json.is_array()) {
    io::append_json(out, json);
    return out;
  }
  out += '[';
  for (const io::Json& item : json.as_array("")) {
    if (out.size() > 1) out += ", ";
    io::append_json(out, item);
  }
  return out + "]";
}

/// Recursive; the parser limits the depth.
void append_pretty(std::string& out, const io::Json& json, std::size_t indent) {
  if (is_flat(json)) {
    const std::string line = flat(json);
    if (!json.is_array() || indent + line.size() <= kLongestLine) {
      out += line;
      return;
    }
  }
  const std::string blanks(indent + 2, ' ');
  out += json.is_object() ? '{' : '[';
  bool first = true;
  const auto begin_item = [&] {
    out += first ? "\n" : ",\n";
    out += blanks;
    first = false;
  };
  if (json.is_object()) {
    for (const auto& [key, value] : json.as_object("")) {
      begin_item();
      io::append_json_string(out, key);
      out += ": ";
      append_pretty(out, value, indent + 2);
    }
  } else {
    for (const io::Json& value : json.as_array("")) {
      begin_item();
      append_pretty(out, value, indent + 2);
    }
  }
  out += '\n';
  out.append(indent, ' ');
  out += json.is_object() ? '}' : ']';
}

}  // namespace

std::string pretty_json(std::string_view text) {
  try {
    std::string out;
    append_pretty(out, io::parse_json(text, "configuration"), 0);
    return out;
  } catch (const UserError&) {
    return std::string(text);
  }
}

}  // namespace berta::report
