#pragma once

#include <algorithm>

#include "io/json.h"

namespace berta::tokenizer {

/// Same structure, strings and integers (other values never are equal); members in the same order.
inline bool equal(const io::Json& a, const io::Json& b) {
  if (a.is_array() && b.is_array()) {
    const auto &x = a.as_array(""), &y = b.as_array("");
    return std::equal(x.begin(), x.end(), y.begin(), y.end(), equal);
  }
  if (a.is_object() && b.is_object()) {
    const auto &x = a.as_object(""), &y = b.as_object("");
    return std::equal(x.begin(), x.end(), y.begin(), y.end(), [](const auto& m, const auto& n) {
      return m.first == n.first && equal(m.second, n.second);
    });
  }
  if (a.is_string() && b.is_string()) return a.as_string("") == b.as_string("");
  return a.is_integer() && b.is_integer() && a.as_integer("") == b.as_integer("");
}

}  // namespace berta::tokenizer
