// Heads of whole texts: weights of examples, and what is said of each row.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "head_data.h"

namespace berta::train {
namespace {

using testing::cross_entropy;
using testing::figures_of;
using testing::HeadData;
using testing::pointers;
using testing::some_logits;

constexpr const char* kWeighted = "text\tlabel\tw\nfilm\t1\t0.5\nbad\t0\t3\nso so\t1\t0\n";

HeadData weighted(Task task) {
  HeadData data(task);
  data.settings.columns.weight = "w";
  data.train("a.tsv", kWeighted);
  return data;
}

double loss_of(const TaskHead& head, const at::Tensor& logits) {
  return head.loss(logits, pointers(head.train())).item<double>();
}

TEST(TextHead, ClassesCountByTheirWeights) {
  const HeadData data = weighted(Task::classification);
  const at::Tensor logits = some_logits(3, 2);
  const auto x = logits.accessor<double, 2>();
  const double expected =
      (0.5 * cross_entropy({x[0][0], x[0][1]}, 1) + 3 * cross_entropy({x[1][0], x[1][1]}, 0)) / 3.5;
  EXPECT_NEAR(loss_of(*data.make(), logits), expected, 1e-12);
}

TEST(TextHead, NumbersCountByTheirWeights) {
  const HeadData data = weighted(Task::regression);
  const at::Tensor logits = some_logits(3, 1);
  const auto x = logits.accessor<double, 2>();
  const double expected = (0.5 * std::pow(x[0][0] - 1, 2) + 3 * std::pow(x[1][0], 2)) / 3.5;
  EXPECT_NEAR(loss_of(*data.make(), logits), expected, 1e-12);
}

TEST(TextHead, SetsOfLabelsCountByTheirWeights) {
  const HeadData data = weighted(Task::multi_label);
  const at::Tensor logits = some_logits(3, 2);
  const auto x = logits.accessor<double, 2>();
  const auto off = [](double z) { return std::log1p(std::exp(z)); };  // -log(1 - sigmoid(z))
  const auto on = [](double z) { return std::log1p(std::exp(-z)); };
  const double expected =
      (0.5 * (off(x[0][0]) + on(x[0][1])) / 2 + 3 * (on(x[1][0]) + off(x[1][1])) / 2) / 3.5;
  EXPECT_NEAR(loss_of(*data.make(), logits), expected, 1e-12);
}

TEST(TextHead, EqualWeightsAreNoWeights) {
  for (const Task task : {Task::classification, Task::regression, Task::multi_label}) {
    HeadData plain(task), same(task);
    plain.train("a.tsv", "text\tlabel\nfilm\t1\nbad\t0\n");
    same.settings.columns.weight = "w";
    same.train("a.tsv", "text\tlabel\tw\nfilm\t1\t2\nbad\t0\t2\n");
    const at::Tensor logits = some_logits(2, task == Task::regression ? 1 : 2);
    EXPECT_NEAR(loss_of(*plain.make(), logits), loss_of(*same.make(), logits), 1e-12);
  }
}

TEST(TextHead, ABatchWithoutWeightHasNoLoss) {
  HeadData data(Task::classification);
  data.settings.columns.weight = "w";
  data.train("a.tsv", "text\tlabel\tw\nfilm\t1\t0\nbad\t0\t0\n");
  EXPECT_EQ(loss_of(*data.make(), some_logits(2, 2)), 0);
  data.train("b.tsv", "text\tlabel\tw\nfilm\t1\t-1\n");
  EXPECT_EQ(data.refusal(), "b.tsv: line 2: weight: expected at least 0, found \"-1\"");
}

TEST(TextHead, SaysWhatItPredictsOfEachRow) {
  HeadData data(Task::classification);
  data.train("a.tsv", "text\tlabel\nfilm\tgood\nbad\tbad\n");
  data.dev("b.tsv", "text\tlabel\nx\tgood\ny\tgood\nz\tbad\n");
  const auto head = data.make();
  const at::Tensor logits = at::tensor({0.0, 1.0, 2.0, 0.0, 0.5, 0.0}, at::kFloat).view({3, 2});
  figures_of(*head, logits, 1, 1);
  const PredictionTable table = head->predictions();
  EXPECT_THAT(table.columns, ::testing::ElementsAre("bad", "good"));
  ASSERT_EQ(table.rows.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(table.rows[i].row, i);
  EXPECT_EQ(table.rows[0].prediction, "good");
  EXPECT_EQ(table.rows[1].label, "good");
  EXPECT_EQ(table.rows[1].prediction, "bad");
  EXPECT_NEAR(table.rows[1].values[0], 1 / (1 + std::exp(-2.0)), 1e-7);
  EXPECT_NEAR(table.rows[1].values[0] + table.rows[1].values[1], 1, 1e-12);
}

TEST(TextHead, SaysSetsAndNumbersToo) {
  HeadData sets(Task::multi_label);
  sets.train("a.tsv", "text\tlabel\nfilm\ta,b\nbad\tc\n");
  sets.dev("b.tsv", "text\tlabel\nx\ta,c\n");
  const auto head = sets.make();
  head->begin_evaluation();
  head->collect(at::tensor({1.0F, 2.0F, -1.0F}).view({1, 3}), pointers(head->dev()));
  const Prediction one = head->predictions().rows.at(0);
  EXPECT_EQ(one.label, "a,c");
  EXPECT_EQ(one.prediction, "a,b");
  EXPECT_NEAR(one.values.at(2), 1 / (1 + std::exp(1.0)), 1e-7);
  HeadData numbers(Task::regression);
  numbers.train("a.tsv", "text\tlabel\nfilm\t1.5\nbad\t2\n");
  numbers.dev("b.tsv", "text\tlabel\nx\t0.25\n");
  const auto score = numbers.make();
  score->begin_evaluation();
  score->collect(at::tensor({-1.5F}).view({1, 1}), pointers(score->dev()));
  EXPECT_EQ(score->predictions().rows.at(0).label, "0.25");
  EXPECT_EQ(score->predictions().rows.at(0).prediction, "-1.5");
  EXPECT_TRUE(score->predictions().columns.empty());
}

TEST(Predictions, FoldsAreMergedByRow) {
  const io::TemporaryFolder folder;
  const auto write = [&](const char* name, std::vector<Prediction> rows) {
    write_predictions(folder.file(name), {.columns = {"no", "a, \"b\""}, .rows = std::move(rows)});
    return folder.file(name);
  };
  const std::vector<std::string> folds = {
      write("1.csv", {{1, "no", "no", {0.75, 0.25}}, {10, "a, \"b\"", "no", {0.5, 0.5}}}),
      write("2.csv", {{0, "no", "a, \"b\"", {0.1, 0.9}}, {2, "no", "no", {1, 0}}})};
  merge_predictions(folds, folder.file("all.csv"));
  EXPECT_EQ(io::read_all(folder.file("all.csv")),
            "row,fold,label,prediction,no,\"a, \"\"b\"\"\"\n"
            "0,2,no,\"a, \"\"b\"\"\",0.1,0.9\n"
            "1,1,no,no,0.75,0.25\n"
            "2,2,no,no,1.0,0.0\n"
            "10,1,\"a, \"\"b\"\"\",no,0.5,0.5\n");
}

}  // namespace
}  // namespace berta::train
