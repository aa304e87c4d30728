#pragma once

#include <string>

namespace berta::report {

/// A measured number and its name: "loss", "dev/accuracy".
struct NamedValue {
  std::string name;
  double value = 0;
};

}  // namespace berta::report
