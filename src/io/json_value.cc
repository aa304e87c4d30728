#include <cmath>

#include "core/error.h"
#include "io/json.h"

namespace berta::io {
namespace {

const char* kind_of(const Json& json) {
  constexpr const char* kKinds[] = {"null",     "a boolean", "an integer", "a number",
                                    "a string", "an array",  "an object"};
  return kKinds[json.value().index()];
}

template <class T>
const T& get(const Json& json, std::string_view what, const char* expected) {
  const T* value = std::get_if<T>(&json.value());
  if (!value) throw UserError(std::string(what) + ": expected " + expected + ", found " + kind_of(json));
  return *value;
}

}  // namespace

bool Json::as_bool(std::string_view what) const {
  return get<bool>(*this, what, "a boolean");
}

std::int64_t Json::as_integer(std::string_view what) const {
  if (const auto* number = std::get_if<double>(&value_)) {
    // 2^63 itself is a double but no int64; comparisons are false for NaN.
    if (*number >= -0x1p63 && *number < 0x1p63 && std::trunc(*number) == *number) {
      return static_cast<std::int64_t>(*number);
    }
    std::string text;
    append_json_number(text, *number);
    throw UserError(std::string(what) + ": expected an integer of 64 bits, found " + text);
  }
  return get<std::int64_t>(*this, what, "an integer");
}

double Json::as_number(std::string_view what) const {
  if (is_integer()) return static_cast<double>(std::get<std::int64_t>(value_));
  return get<double>(*this, what, "a number");
}

const std::string& Json::as_string(std::string_view what) const {
  return get<std::string>(*this, what, "a string");
}

const Json::Array& Json::as_array(std::string_view what) const {
  return get<Array>(*this, what, "an array");
}

const Json::Object& Json::as_object(std::string_view what) const {
  return get<Object>(*this, what, "an object");
}

const Json* Json::find(std::string_view key) const {
  const auto* members = std::get_if<Object>(&value_);
  if (!members) return nullptr;
  for (const auto& [name, value] : *members) {
    if (name == key) return &value;
  }
  return nullptr;
}

}  // namespace berta::io
