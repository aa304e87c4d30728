#pragma once

#include <string>

#include "berta/error.h"

namespace berta {

/// Throws InternalError with `message` unless `condition` holds.
inline void check_internal(bool condition, const char* message) {
  if (!condition) throw InternalError(std::string("internal error: ") + message);
}

}  // namespace berta
