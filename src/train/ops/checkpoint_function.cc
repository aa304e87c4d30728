#include <utility>

#include "train/ops/functions.h"

namespace berta::train {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

/// How the context keeps the part: saved_data takes IValues only.
struct PartHolder : torch::CustomClassHolder {
  explicit PartHolder(NetworkPart kept) : part(std::move(kept)) {}
  NetworkPart part;
};

class RunAgain : public Function<RunAgain> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const MaybeTensor& a,
                            const MaybeTensor& b, const NetworkPart& part) {
    const variable_list inputs = {x, a.value_or(at::Tensor()), b.value_or(at::Tensor())};
    context->save_for_backward(inputs);
    context->saved_data["part"] = c10::IValue::make_capsule(c10::make_intrusive<PartHolder>(part));
    return part(inputs[0], inputs[1], inputs[2]);  // gradients are off in here
  }

  static variable_list backward(AutogradContext* context, const variable_list& d_out) {
    const auto holder = context->saved_data["part"].toCapsule();
    variable_list inputs;
    for (const at::Tensor& saved : context->get_saved_variables()) {
      inputs.push_back(saved.defined() ? saved.detach().requires_grad_() : saved);
    }
    const at::AutoGradMode gradients(true);
    const at::Tensor out = static_cast<const PartHolder&>(*holder).part(inputs[0], inputs[1], inputs[2]);
    // The gradients of parameters go to them from here.
    torch::autograd::backward({out}, {d_out[0]});
    const auto gradient = [](const at::Tensor& input) { return input.defined() ? input.grad() : input; };
    return {gradient(inputs[0]), gradient(inputs[1]), gradient(inputs[2]), at::Tensor()};
  }
};

}  // namespace

at::Tensor run_again(const at::Tensor& x, const at::Tensor& a, const at::Tensor& b, NetworkPart part) {
  return RunAgain::apply(x, maybe(a), maybe(b), std::move(part));
}

}  // namespace berta::train
