#pragma once

namespace berta::train {

/// What a training sets once for its process: `count` threads for our own pool and libtorch's (0: all cores),
/// and that freed memory is kept.
void set_up_process(int count);

}  // namespace berta::train
