#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

namespace berta::model {

/// Activations that configs of the family name (`transformers` ACT2FN and Microsoft's ACT2FN).
enum class Activation : std::uint8_t {
  identity,    ///< "linear"
  gelu,        ///< x * Phi(x), the exact erf form
  gelu_tanh,   ///< "gelu_new", "gelu_pytorch_tanh", "gelu_fast"
  quick_gelu,  ///< x * sigmoid(1.702 x)
  relu,
  relu2,  ///< max(x, 0)^2
  relu6,
  leaky_relu,  ///< slope 0.01
  elu,
  silu,  ///< "swish"
  mish,
  tanh,
  sigmoid,
};

/// The definition; kernels are tested against it in double.
template <class T>
T activate(Activation kind, T x) {
  const auto sigmoid = [](T v) { return T(1) / (T(1) + std::exp(-v)); };
  switch (kind) {
    case Activation::identity:
      return x;
    case Activation::gelu:
      return T(0.5) * x * (T(1) + std::erf(x / std::numbers::sqrt2_v<T>));
    case Activation::gelu_tanh:
      return T(0.5) * x *
             (T(1) + std::tanh(std::sqrt(T(2) * std::numbers::inv_pi_v<T>) * (x + T(0.044715) * x * x * x)));
    case Activation::quick_gelu:
      return x * sigmoid(T(1.702) * x);
    case Activation::relu:
      return x > T(0) ? x : T(0);
    case Activation::relu2:
      return x > T(0) ? x * x : T(0);
    case Activation::relu6:
      return x > T(6) ? T(6) : (x > T(0) ? x : T(0));
    case Activation::leaky_relu:
      return x > T(0) ? x : T(0.01) * x;
    case Activation::elu:
      return x > T(0) ? x : std::expm1(x);
    case Activation::silu:
      return x * sigmoid(x);
    case Activation::mish:
      return x * std::tanh(x > T(20) ? x : std::log1p(std::exp(x)));
    case Activation::tanh:
      return std::tanh(x);
    case Activation::sigmoid:
      return sigmoid(x);
  }
  return x;
}

}  // namespace berta::model
