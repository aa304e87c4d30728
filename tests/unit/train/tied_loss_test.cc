#include "train/objectives/tied_loss.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include "../chi_square.h"

namespace berta::train {
namespace {

at::Tensor random(at::IntArrayRef shape, std::uint64_t seed, double spread, at::ScalarType type) {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  return at::randn(shape, generator, at::kDouble).mul(spread).to(type).requires_grad_(true);
}

TiedLossInput input(std::int64_t rows, std::int64_t vocabulary, at::ScalarType type) {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(std::uint64_t{9});
  return {.features = random({rows, 10}, 1, 1, type),
          .table = random({vocabulary, 10}, 2, 0.5, type),
          .bias = random({vocabulary}, 3, 0.5, type),
          .labels = at::randint(0, vocabulary, {rows}, generator, at::kLong)};
}

at::Tensor logits(const TiedLossInput& in) {
  return in.features.matmul(in.table.t()) + in.bias;
}

std::vector<at::Tensor> gradients(const TiedLossInput& in, const at::Tensor& loss) {
  for (const at::Tensor& leaf : {in.features, in.table, in.bias}) leaf.mutable_grad() = at::Tensor();
  loss.backward();
  return {in.features.grad(), in.table.grad(), in.bias.grad()};
}

/// 150 rows are two whole parts and a piece; 5 fit into one.
TEST(TiedLoss, IsTheCrossEntropyOfTheProduct) {
  for (const std::int64_t rows : {5, 64, 150}) {
    SCOPED_TRACE(rows);
    const TiedLossInput in = input(rows, 41, at::kDouble);
    const at::Tensor plain = at::cross_entropy_loss(logits(in), in.labels);
    const auto wanted = gradients(in, plain * 3);
    TiedLossFacts facts;
    const at::Tensor found = tied_loss(in, std::nullopt, facts);
    EXPECT_NEAR(found.item<double>(), plain.item<double>(), 1e-12);
    const auto mine = gradients(in, found * 3);
    for (std::size_t i = 0; i < wanted.size(); ++i)
      EXPECT_TRUE(at::allclose(mine[i], wanted[i], 1e-10, 1e-13)) << i;
    EXPECT_EQ(facts.correct, logits(in).argmax(1).eq(in.labels).sum().item<std::int64_t>());
    EXPECT_TRUE(facts.drawn.empty());
  }
}

TEST(TiedLoss, WithoutGradientsIsTheSameNumber) {
  const TiedLossInput in = input(70, 41, at::kDouble);
  TiedLossFacts facts;
  const double with = tied_loss(in, std::nullopt, facts).item<double>();
  const at::NoGradGuard no_gradients;
  const at::Tensor without = tied_loss(in, std::nullopt, facts);
  EXPECT_EQ(without.item<double>(), with);
  EXPECT_FALSE(without.requires_grad());
}

TEST(TiedLoss, InBfloat16IsNearThatInFloat) {
  TiedLossInput in = input(100, 41, at::kFloat);
  TiedLossFacts facts;
  const at::Tensor wide = tied_loss(in, std::nullopt, facts);
  const auto wanted = gradients(in, wide);
  in.bf16 = true;
  const at::Tensor narrow = tied_loss(in, std::nullopt, facts);
  EXPECT_NEAR(narrow.item<double>(), wide.item<double>(), 0.02);
  EXPECT_NE(narrow.item<double>(), wide.item<double>()) << "the products were not in bfloat16";
  const auto mine = gradients(in, narrow);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_EQ(mine[i].scalar_type(), at::kFloat);
    EXPECT_LT((mine[i] - wanted[i]).norm().item<double>(), 0.02 * wanted[i].norm().item<double>()) << i;
  }
}

/// All rows alike, so that their tokens are many draws from one law.
TEST(TiedLoss, DrawnTokensFollowTheSoftmax) {
  constexpr std::int64_t kDraws = 6000, kTokens = 12;
  TiedLossInput in = input(1, kTokens, at::kFloat);
  const at::Tensor law = logits(in).softmax(1).mul(static_cast<double>(kDraws)).to(at::kDouble).squeeze(0);
  in.features = in.features.detach().expand({kDraws, -1}).contiguous();
  in.labels = at::zeros({kDraws}, at::kLong);
  const at::NoGradGuard no_gradients;
  TiedLossFacts facts;
  tied_loss(in, 17, facts);
  std::vector<double> counts(kTokens), expected(kTokens);
  for (const std::int32_t token : facts.drawn) ++counts.at(static_cast<std::size_t>(token));
  for (std::int64_t i = 0; i < kTokens; ++i) expected[static_cast<std::size_t>(i)] = law[i].item<double>();
  EXPECT_GT(test::p_of_counts(counts, expected), 1e-4);
}

TEST(TiedLoss, DrawnTokensDependOnSeedAndRowAlone) {
  const TiedLossInput in = input(150, 41, at::kFloat);
  TiedLossInput part = in;
  part.features = in.features.narrow(0, 0, 30);
  part.labels = in.labels.narrow(0, 0, 30);
  const auto drawn = [](const TiedLossInput& from, std::uint64_t seed) {
    TiedLossFacts facts;
    tied_loss(from, seed, facts);
    return facts.drawn;
  };
  const auto all = drawn(in, 5);
  EXPECT_EQ(all.size(), 150);
  EXPECT_EQ(drawn(in, 5), all);
  EXPECT_NE(drawn(in, 6), all);
  EXPECT_EQ(drawn(part, 5), std::vector<std::int32_t>(all.begin(), all.begin() + 30));
}

}  // namespace
}  // namespace berta::train
