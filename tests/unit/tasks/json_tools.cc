#include "json_tools.h"

#include <algorithm>
#include <cmath>

namespace berta::tasks::testing {
namespace {

using io::Json;

void append(std::string& out, const Json& json) {
  if (json.is_object()) {
    out += '{';
    for (const auto& [key, value] : json.as_object("")) {
      io::append_json_string(out += out.back() == '{' ? "" : ",", key);
      append(out += ':', value);
    }
    out += '}';
  } else if (json.is_array()) {
    out += '[';
    for (const Json& value : json.as_array("")) append(out += out.back() == '[' ? "" : ",", value);
    out += ']';
  } else if (json.is_string()) {
    io::append_json_string(out, json.as_string(""));
  } else if (json.is_integer()) {
    out += std::to_string(json.as_integer(""));
  } else if (json.is_number()) {
    io::append_json_number(out, json.as_number(""));
  } else {
    out += json.is_null() ? "null" : json.as_bool("") ? "true" : "false";
  }
}

std::string object_difference(const Json& expected, const Json& actual, const std::string& where) {
  for (const auto& [key, value] : expected.as_object("")) {
    const Json* other = actual.find(key);
    if (other == nullptr) return where + "." + key + ": missing";
    if (auto found = difference(value, *other, where + "." + key); !found.empty()) return found;
  }
  const bool more = actual.as_object("").size() > expected.as_object("").size();
  return more ? where + ": more members than expected in " + dump(actual) : "";
}

std::string array_difference(const Json& expected, const Json& actual, const std::string& where) {
  const auto &a = expected.as_array(""), &b = actual.as_array("");
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (auto found = difference(a[i], b[i], where + "[" + std::to_string(i) + "]"); !found.empty())
      return found;
  }
  return a.size() == b.size() ? "" : where + ": expected " + dump(expected) + ", found " + dump(actual);
}

}  // namespace

std::string dump(const Json& json) {
  std::string out;
  append(out, json);
  return out;
}

Json merged(const Json& base, const Json& changes) {
  Json::Object members;
  for (const auto& [key, value] : base.as_object("")) {
    const Json* change = changes.find(key);
    members.emplace_back(key, change == nullptr ? value : *change);
  }
  for (const auto& [key, value] : changes.as_object("")) {
    if (base.find(key) == nullptr) members.emplace_back(key, value);
  }
  return Json(members);
}

std::string difference(const Json& expected, const Json& actual, const std::string& where) {
  const std::string both = where + ": expected " + dump(expected) + ", found " + dump(actual);
  if (expected.is_number() && actual.is_number() && !(expected.is_integer() && actual.is_integer())) {
    const double a = expected.as_number(""), b = actual.as_number("");
    return std::abs(a - b) <= 1e-5 * std::max(1.0, std::abs(a)) ? "" : both;
  }
  if (expected.is_object() && actual.is_object()) return object_difference(expected, actual, where);
  if (expected.is_array() && actual.is_array()) return array_difference(expected, actual, where);
  return dump(expected) == dump(actual) ? "" : both;
}

Json integer(std::size_t value) {
  const Json::Value held = static_cast<std::int64_t>(value);
  return Json(held);
}

Json number(double value) {
  const Json::Value held = value;
  return Json(held);
}

Json text(std::string value) {
  return Json(std::move(value));
}

Json object(std::initializer_list<std::pair<const char*, Json>> members) {
  Json::Object out;
  for (const auto& [key, value] : members) out.emplace_back(key, value);
  return Json(out);
}

}  // namespace berta::tasks::testing
