#pragma once

#include "kernels/words.h"

namespace berta::bench {

/// Operations (a multiply-add is two) a second of register-only multiply-adds of a format, on all threads.
double peak_operations(kernels::Format format, double seconds);

/// Bytes a second that all threads together read from memory.
double read_bandwidth(double seconds);

}  // namespace berta::bench
