#pragma once

#include <stdexcept>
#include <string>

namespace berta {

/// Base of every exception that Berta throws. Nothing in the library aborts or exits.
class Error : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The caller's or the input's mistake: a bad file, a bad flag, a bad text. The message says what was
/// expected, what was found and where (file, key, line), in one line.
class UserError : public Error {
  using Error::Error;
};

/// A broken invariant of Berta itself: our bug.
class InternalError : public Error {
  using Error::Error;
};

/// Throws InternalError with `message` unless `condition` holds.
inline void check_internal(bool condition, const char* message) {
  if (!condition) throw InternalError(std::string("internal error: ") + message);
}

}  // namespace berta
