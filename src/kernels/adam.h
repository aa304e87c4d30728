#pragma once

#include <cstddef>

namespace berta::kernels {

/// The numbers of one step of Adam that are the same for all elements:
///   m = beta1 m + (1 - beta1) g;   v = beta2 v + (1 - beta2) g^2
///   x = keep x - rate m / (sqrt(v) root + epsilon)
/// AdamW (Loshchilov, Hutter 2019) has keep = 1 - lr decay, rate = lr / (1 - beta1^t), root = 1 / sqrt(1 -
/// beta2^t); Microsoft's XAdam has no correction of the moments: rate = lr, root = 1.
struct AdamStep {
  float keep;
  float rate;
  float root;
};

struct AdamMoments {
  // Doubles: 1 - beta2 taken in float is wrong by 1e-5 of itself.
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
};

/// Elements that are stepped at once.
struct AdamTask {
  float* x;
  float* m;
  float* v;
  const float* gradient;  ///< null: zeros
  float gradient_scale;
  std::size_t count;
  AdamMoments moments;
  AdamStep step;
};
void adam_update(const AdamTask& task);

}  // namespace berta::kernels
