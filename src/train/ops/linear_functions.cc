#include "train/ops/functions.h"
#include "train/ops/linear_passes.h"
#include "train/ops/products.h"

namespace berta::train {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

class WideLinear : public Function<WideLinear> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const MaybeTensor& bias) {
    context->save_for_backward({x, weight});
    context->saved_data["bias"] = bias.has_value();
    const at::Tensor y = product(x, weight.t());
    return bias ? y.add_(*bias) : y;
  }

  static variable_list backward(AutogradContext* context, const variable_list& d_out) {
    const variable_list saved = context->get_saved_variables();
    at::Tensor d_x, d_weight, d_bias;
    if (context->needs_input_grad(0)) d_x = product(d_out[0], saved[1]);
    if (context->needs_input_grad(1)) d_weight = product(d_out[0].t(), saved[0]);
    if (context->saved_data["bias"].toBool()) d_bias = summed_rows(d_out[0]);
    return {d_x, d_weight, d_bias};
  }
};

class FusedGelu : public Function<FusedGelu> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& bias) {
    context->save_for_backward({x, bias});
    return biased_gelu(x, bias);
  }

  static variable_list backward(AutogradContext* context, const variable_list& d_out) {
    const variable_list saved = context->get_saved_variables();
    const auto [d_x, d_bias] = biased_gelu_gradient(d_out[0], saved[0], saved[1]);
    return {d_x, d_bias};
  }
};

/// Gradients of y = x W^T by x and W, in their types.
struct ProductGradient {
  at::Tensor x, weight;
};
ProductGradient product_gradient(AutogradContext* context, const at::Tensor& d_y,
                                 const variable_list& saved) {
  const auto type = [&](const char* name) {
    return static_cast<at::ScalarType>(context->saved_data[name].toInt());
  };
  ProductGradient gradient;
  if (context->needs_input_grad(0)) {
    gradient.x = d_y.matmul(saved[1]);
    if (type("x") != at::kBFloat16) gradient.x = widened(gradient.x, {}, type("x"));
  }
  if (context->needs_input_grad(2)) gradient.weight = widened(d_y.t().matmul(saved[0]), {}, type("weight"));
  return gradient;
}

void keep_types(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight) {
  context->saved_data["x"] = static_cast<std::int64_t>(x.scalar_type());
  context->saved_data["weight"] = static_cast<std::int64_t>(weight.scalar_type());
}

class NarrowLinear : public Function<NarrowLinear> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& x_narrow,
                            const at::Tensor& weight, const at::Tensor& w_narrow, const MaybeTensor& bias) {
    context->save_for_backward({x_narrow, w_narrow});
    context->saved_data["bias"] = bias.has_value();
    keep_types(context, x, weight);
    return widened(at::linear(x_narrow, w_narrow), bias.value_or(at::Tensor()), weight.scalar_type());
  }

  static variable_list backward(AutogradContext* context, const variable_list& d_out) {
    const auto [d_y, d_bias] = narrowed(d_out[0], context->saved_data["bias"].toBool());
    const auto [d_x, d_weight] = product_gradient(context, d_y, context->get_saved_variables());
    return {d_x, at::Tensor(), d_weight, at::Tensor(), d_bias};
  }
};

class InnerProduct : public Function<InnerProduct> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& x_narrow,
                            const at::Tensor& weight, const at::Tensor& w_narrow) {
    context->save_for_backward({x_narrow, w_narrow});
    keep_types(context, x, weight);
    return at::linear(x_narrow, w_narrow);
  }

  static variable_list backward(AutogradContext* context, const variable_list& d_out) {
    const auto [d_x, d_weight] = product_gradient(context, d_out[0], context->get_saved_variables());
    return {d_x, at::Tensor(), d_weight, at::Tensor()};
  }
};

}  // namespace

at::Tensor wide_linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  return WideLinear::apply(x, weight, maybe(bias));
}

at::Tensor narrow_linear(const at::Tensor& x, const at::Tensor& x_narrow, const at::Tensor& weight,
                         const at::Tensor& w_narrow, const at::Tensor& bias) {
  return NarrowLinear::apply(x, x_narrow, weight, w_narrow, maybe(bias));
}

at::Tensor inner_product(const at::Tensor& x, const at::Tensor& x_narrow, const at::Tensor& weight,
                         const at::Tensor& w_narrow) {
  return InnerProduct::apply(x, x_narrow, weight, w_narrow);
}

at::Tensor fused_gelu(const at::Tensor& x, const at::Tensor& bias) {
  return FusedGelu::apply(x, bias);
}

}  // namespace berta::train
