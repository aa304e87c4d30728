#pragma once

#include <map>
#include <span>
#include <string>

#include "infer/model.h"
#include "io/checkpoint.h"

namespace berta::infer {

/// Runs the sequences in f32 and computes each encoder product also in int8, from the same inputs. Gives what
/// int8 loses, by the name that the matrix has first in parameters.h: the root mean square of the difference
/// over that of the product, each output of it counted from its mean over all tokens, for what is the same in
/// all tokens tells nothing. Throws UserError as Model::load and Session::run do.
std::map<std::string, double> measure_rounding(const io::Checkpoint& checkpoint, const ModelInfo& info,
                                               std::span<const Sequence> sequences);

}  // namespace berta::infer
