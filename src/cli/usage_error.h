#pragma once

#include "core/error.h"

namespace berta::cli {

/// A wrong command line: exit status 2.
class UsageError : public Error {
  using Error::Error;
};

/// Exit statuses, as the help states them.
enum Status : int { kDone = 0, kBadInput = 1, kBadUsage = 2, kOurBug = 70 };

}  // namespace berta::cli
