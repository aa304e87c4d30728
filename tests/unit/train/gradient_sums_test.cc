#include "train/workers/gradient_sums.h"

#include <gtest/gtest.h>

#include "train/optim/adam.h"

namespace berta::train {
namespace {

/// One of two of whom the other always has the same: sums are doubled. Remembers what was summed when.
class Twin final : public Workers {
 public:
  explicit Twin(int rank = 0) : Workers(rank, 2) {}

  struct Doubled final : Pending {
    void wait() override {}
  };
  std::unique_ptr<Pending> start_sum(const at::Tensor& tensor) override {
    tensor.mul_(2);
    return std::make_unique<Doubled>();
  }
  void send(const at::Tensor&) override {}
  at::Tensor gather(const at::Tensor& tensor) override { return at::stack({tensor, tensor}); }
  void fail(const std::string&) override {}
  void finish() override {}
};

/// Parameters whose gradients come from the last to the first.
struct Chain {
  TrainModel model;
  Chain() {
    for (int i = 0; i < 6; ++i) {
      model.parameters.push_back({.name = "p" + std::to_string(i),
                                  .tensor = at::full({4, 4}, 0.1 * (i + 1)).requires_grad_(),
                                  .source = {},
                                  .layer = i});
    }
  }
  void backward(int used = 6) const {
    at::Tensor x = at::ones({4, 4});
    for (int i = 0; i < used; ++i) x = x.matmul(model.parameters[static_cast<std::size_t>(i)].tensor);
    x.sum().backward();
  }
  std::vector<at::Tensor> gradients() const {
    std::vector<at::Tensor> all;
    for (const TrainParameter& parameter : model.parameters)
      all.push_back(parameter.tensor.grad().defined() ? parameter.tensor.grad().clone() : at::Tensor());
    return all;
  }
};

TEST(GradientSums, BucketsLeaveDuringTheBackwardPass) {
  const Chain alone, shared;
  alone.backward();
  Twin workers;
  GradientSums sums(shared.model, workers, /*bucket_bytes=*/2 * 64);
  sums.begin_last_pass();
  shared.backward();
  EXPECT_EQ(sums.started_early(), 3u);
  sums.finish();
  const auto expected = alone.gradients(), found = shared.gradients();
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_TRUE(at::equal(found[i], 2 * expected[i])) << i;
}

TEST(GradientSums, SeveralPassesAndUnusedParameters) {
  const Chain alone, shared;
  alone.backward(5);
  alone.backward(5);
  Twin workers;
  GradientSums sums(shared.model, workers, 64);
  shared.backward(5);
  sums.begin_last_pass();
  shared.backward(5);
  EXPECT_EQ(sums.started_early(), 0u);  // the first in line never comes
  sums.finish();
  const auto expected = alone.gradients(), found = shared.gradients();
  for (std::size_t i = 0; i < 5; ++i) EXPECT_TRUE(at::allclose(found[i], 2 * expected[i])) << i;
  EXPECT_FALSE(found[5].defined());
}

TEST(GradientSums, OneWorkerCostsNothing) {
  const Chain chain;
  GradientSums sums(chain.model, only_worker());
  sums.begin_last_pass();
  chain.backward();
  const auto before = chain.model.parameters[0].tensor.grad();
  sums.finish();
  EXPECT_TRUE(before.is_same(chain.model.parameters[0].tensor.grad()));
}

TEST(GradientSums, AWorkerKeepsHalfOfTheMoments) {
  const Chain chain;
  for (const int rank : {0, 1}) {
    Twin workers(rank);
    const Adam adam(chain.model.parameters, {}, 6, workers);
    for (const AdamState& state : adam.states()) {
      EXPECT_EQ(state.m.numel(), 8);
      EXPECT_EQ(state.first_row, 2 * rank);
    }
  }
}

TEST(GradientSums, RowsThatAWorkerOwnsCoverAll) {
  for (std::int64_t count : {0, 1, 5, 6, 7}) {
    const Part first = owned_rows(count, Twin(0)), second = owned_rows(count, Twin(1));
    EXPECT_EQ(first.begin, 0);
    EXPECT_EQ(first.end, second.begin);
    EXPECT_EQ(second.end, count);
  }
}

}  // namespace
}  // namespace berta::train
