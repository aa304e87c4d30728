#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "io/json.h"
#include "metrics/metric.h"

namespace berta::metrics {

/// The cases of one metric (tools/goldens/make_metric_goldens.py).
inline const io::Json::Array& golden_cases(const char* name) {
  static const io::Json kCases = io::read_json(std::string(BERTA_TEST_DATA) + "/goldens/metrics/cases.json");
  return kCases.find(name)->as_array(name);
}

inline double number(const io::Json& object, const char* key) {
  return object.find(key)->as_number(key);
}

inline std::vector<double> numbers(const io::Json& array) {
  std::vector<double> values;
  for (const io::Json& value : array.as_array("numbers")) values.push_back(value.as_number("numbers"));
  return values;
}

inline std::vector<double> numbers(const io::Json& object, const char* key) {
  return numbers(*object.find(key));
}

/// The whole numbers of an array.
template <class T>
std::vector<T> integers(const io::Json& object, const char* key) {
  std::vector<T> values;
  for (const io::Json& value : object.find(key)->as_array(key)) {
    values.push_back(static_cast<T>(value.as_integer(key)));
  }
  return values;
}

inline std::vector<std::string> strings(const io::Json& array) {
  std::vector<std::string> values;
  for (const io::Json& value : array.as_array("strings")) values.push_back(value.as_string("strings"));
  return values;
}

/// Equal but for rounding; NaN and infinities are equal to themselves.
inline void expect_close(double found, double expected, const std::string& what) {
  if (std::isnan(expected)) {
    EXPECT_TRUE(std::isnan(found)) << what << ": " << found;
  } else if (std::isinf(expected)) {
    EXPECT_EQ(found, expected) << what;
  } else {
    EXPECT_NEAR(found, expected, 1e-11 * std::max(1.0, std::abs(expected))) << what;
  }
}

}  // namespace berta::metrics
