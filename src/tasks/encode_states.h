#pragma once

#include <span>
#include <vector>

#include "tasks/runtime.h"

namespace berta::tasks {

/// The encoder's last hidden state of each text or pair, one result an input, in order; an input that fails
/// says so in its result.
std::vector<HiddenStates> encode_states(const Runtime& runtime, std::span<const TextInput> inputs);

}  // namespace berta::tasks
