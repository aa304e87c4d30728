#pragma once

#include "infer/model.h"
#include "ops/packed_matrix.h"

namespace berta::infer {

/// The kernels' format of a precision; `automatic` is f32.
kernels::Format format_of(Precision precision);

}  // namespace berta::infer
