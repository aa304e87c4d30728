#include "kernels/adam.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/adam.cc"
#include <hwy/foreach_target.h>
// After foreach_target:
#include <hwy/highway.h>

#include <cmath>

HWY_BEFORE_NAMESPACE();
namespace berta::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Vectors and the elements behind the last whole one must have the same bits, for it depends on the split of
/// the work which an element is. So each multiply-add is written as one: the compiler could fuse others here
/// than there.
void update_on_target(const AdamTask& task) {
  const hn::ScalableTag<float> d;
  const AdamMoments& moments = task.moments;
  const auto all = [&](double number) { return hn::Set(d, static_cast<float>(number)); };
  const auto beta1 = all(moments.beta1), rest1 = all(1 - moments.beta1);
  const auto beta2 = all(moments.beta2), rest2 = all(1 - moments.beta2);
  const auto epsilon = all(moments.epsilon), scale = hn::Set(d, task.gradient_scale);
  const auto keep = hn::Set(d, task.step.keep), rate = hn::Set(d, task.step.rate),
             root = hn::Set(d, task.step.root);
  const auto step = [&](auto x, auto& m, auto& v, auto g) {
    g = hn::Mul(g, scale);
    m = hn::MulAdd(beta1, m, hn::Mul(rest1, g));
    v = hn::MulAdd(beta2, v, hn::Mul(rest2, hn::Mul(g, g)));
    const auto below = hn::MulAdd(hn::Sqrt(v), root, epsilon);
    return hn::MulSub(keep, x, hn::Div(hn::Mul(rate, m), below));
  };
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= task.count; i += lanes) {
    auto m = hn::LoadU(d, task.m + i), v = hn::LoadU(d, task.v + i);
    const auto g = task.gradient == nullptr ? hn::Zero(d) : hn::LoadU(d, task.gradient + i);
    hn::StoreU(step(hn::LoadU(d, task.x + i), m, v, g), d, task.x + i);
    hn::StoreU(m, d, task.m + i);
    hn::StoreU(v, d, task.v + i);
  }
  for (; i < task.count; ++i) {
    auto m = hn::Set(d, task.m[i]), v = hn::Set(d, task.v[i]);
    const auto g = hn::Set(d, task.gradient == nullptr ? 0.0f : task.gradient[i]);
    task.x[i] = hn::GetLane(step(hn::Set(d, task.x[i]), m, v, g));
    task.m[i] = hn::GetLane(m);
    task.v[i] = hn::GetLane(v);
  }
}

}  // namespace berta::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace berta::kernels {

HWY_EXPORT(update_on_target);

void adam_update(const AdamTask& task) {
  HWY_DYNAMIC_DISPATCH(update_on_target)(task);
}

}  // namespace berta::kernels
#endif  // HWY_ONCE
