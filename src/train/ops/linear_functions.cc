#include "train/ops/functions.h"
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
    if (context->saved_data["bias"].toBool()) d_bias = d_out[0].sum(0);
    return {d_x, d_weight, d_bias};
  }
};

class NarrowLinear : public Function<NarrowLinear> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& x_narrow,
                            const at::Tensor& weight, const at::Tensor& w_narrow, const MaybeTensor& bias) {
    static_cast<void>(weight);
    context->save_for_backward({x_narrow, w_narrow});
    context->saved_data["bias"] = bias.has_value();
    at::Tensor y = at::linear(x_narrow, w_narrow).to(x.scalar_type());
    return bias ? y.add_(*bias) : y;
  }

  static variable_list backward(AutogradContext* context, const variable_list& d_out) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor narrow = d_out[0].to(at::kBFloat16);
    at::Tensor d_x, d_weight, d_bias;
    if (context->needs_input_grad(0)) d_x = narrow.matmul(saved[1]).to(d_out[0].scalar_type());
    if (context->needs_input_grad(2)) d_weight = narrow.t().matmul(saved[0]).to(d_out[0].scalar_type());
    if (context->saved_data["bias"].toBool()) d_bias = d_out[0].sum(0);
    return {d_x, at::Tensor(), d_weight, at::Tensor(), d_bias};
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

}  // namespace berta::train
