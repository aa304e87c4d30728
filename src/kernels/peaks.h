#pragma once

#include "kernels/words.h"

namespace berta::kernels {

// What the machine can do, measured: the limits that times are compared with.

/// Operations (a multiply-add is two) a second of register-only multiply-adds of a format, on all threads.
/// The best of what fits into `seconds`.
double peak_operations(Format format, double seconds);

/// Bytes a second that all threads together read from memory. Takes 512 MB for the time.
double read_bandwidth(double seconds);

}  // namespace berta::kernels
