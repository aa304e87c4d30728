#pragma once

#include <stdexcept>

namespace berta {

/// Base of every exception that Berta throws. Nothing in the library aborts or exits.
class Error : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The caller's or the input's mistake: a bad file, a bad option, a bad text. The message says in one line
/// what was expected, what was found and where (file, key, line).
class UserError : public Error {
  using Error::Error;
};

/// A broken invariant of Berta itself: our bug.
class InternalError : public Error {
  using Error::Error;
};

}  // namespace berta
