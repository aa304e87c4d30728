#pragma once

namespace berta::train {

/// Lets the C library keep large freed blocks for the next step, which asks for the same sizes again: giving
/// each back to the system costs as many page faults as the tensor has pages.
void keep_freed_memory();

}  // namespace berta::train
