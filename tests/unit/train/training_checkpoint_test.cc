#include "train/run/training_checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <limits>

#include "../io/temporary.h"

namespace berta::train {
namespace {

using io::error_of;
using io::read_all;
using io::TemporaryFolder;
using ::testing::AllOf;
using ::testing::HasSubstr;

TrainingState state(std::int64_t step) {
  TrainingState out;
  out.step = step;
  const auto number = static_cast<double>(step);
  out.tensors = {{"weight.a", at::full({3, 5}, number).to(at::kFloat).contiguous()},
                 {"rates", at::tensor({0.1, number}, at::kDouble)},
                 {"rows", at::tensor({1, -7}, at::kInt)},
                 {"order", at::tensor({std::int64_t{1} << 40}, at::kLong)}};
  out.facts = {{"setting.seed", "42"}, {"loss", exact_text(number / 3)}};
  return out;
}

void expect_equal(const TrainingState& found, const TrainingState& wanted) {
  EXPECT_EQ(found.step, wanted.step);
  EXPECT_EQ(found.tensors.size(), wanted.tensors.size());
  for (const auto& [name, tensor] : wanted.tensors) {
    EXPECT_EQ(found.tensor(name).scalar_type(), tensor.scalar_type()) << name;
    EXPECT_TRUE(found.tensor(name).equal(tensor)) << name;
  }
  for (const auto& [name, text] : wanted.facts) EXPECT_EQ(found.fact(name), text);
}

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

class CheckpointFolderTest : public ::testing::Test {
 protected:
  std::string saved(const std::string& name) const { return folder_.file("c/" + name); }
  std::string tensors() const { return saved("step-3.safetensors"); }
  void write_three() { checkpoints_.write(state(3)); }

  TemporaryFolder folder_;
  CheckpointFolder checkpoints_{folder_.file("c")};
};

TEST_F(CheckpointFolderTest, GivesBackWhatWasWritten) {
  EXPECT_FALSE(checkpoints_.has_checkpoint());
  EXPECT_THAT(error_of([&] { checkpoints_.read(); }), HasSubstr("c: expected a checkpoint to resume from"));
  write_three();
  expect_equal(checkpoints_.read(), state(3));
  EXPECT_EQ(checkpoints_.read().number("loss"), 1.0);
}

TEST_F(CheckpointFolderTest, KeepsTheLastOneOnly) {
  write_three();
  checkpoints_.write(state(5));
  expect_equal(checkpoints_.read(), state(5));
  EXPECT_EQ(files_in(folder_.file("c")), (std::vector<std::string>{"checkpoint.json", "step-5.safetensors"}));
  // A resumed training comes by the same step again.
  TrainingState again = state(5);
  again.facts["loss"] = exact_text(8);
  checkpoints_.write(again);
  expect_equal(checkpoints_.read(), again);
  EXPECT_EQ(files_in(folder_.file("c")).size(), 2U);
  checkpoints_.remove();
  EXPECT_FALSE(std::filesystem::exists(folder_.file("c")));
}

TEST_F(CheckpointFolderTest, RefusesADamagedFile) {
  write_three();
  const std::string whole = read_all(tensors());
  for (const std::size_t place : {std::size_t{20}, whole.size() / 2, whole.size() - 1}) {
    std::string damaged = whole;
    damaged[place] = static_cast<char>(damaged[place] ^ 1);
    folder_.write("c/step-3.safetensors", damaged);
    EXPECT_THAT(error_of([&] { checkpoints_.read(); }),
                HasSubstr("step-3.safetensors: expected the bytes that were written"))
        << place;
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{7}, whole.size() - 1}) {
    folder_.write("c/step-3.safetensors", whole.substr(0, size));
    EXPECT_THAT(error_of([&] { checkpoints_.read(); }), HasSubstr("step-3.safetensors: ")) << size;
  }
  folder_.write("c/step-3.safetensors", whole + "x");
  EXPECT_THAT(error_of([&] { checkpoints_.read(); }), HasSubstr("step-3.safetensors: expected the bytes"));
}

TEST_F(CheckpointFolderTest, RefusesAnIndexThatIsWrong) {
  write_three();
  const std::string index = read_all(saved("checkpoint.json"));
  const auto refused = [&](const std::string& from, const std::string& to) {
    std::string other = index;
    other.replace(other.find(from), from.size(), to);
    folder_.write("c/checkpoint.json", other);
    return error_of([&] { checkpoints_.read(); });
  };
  EXPECT_THAT(refused("step-3.safetensors", "step-9.safetensors"), HasSubstr("step-9.safetensors: "));
  EXPECT_THAT(refused("step-3.safetensors", "../step-3.safetensors"),
              HasSubstr("checkpoint.json: key 'file': expected the name of a file in the folder"));
  EXPECT_THAT(refused("\"bytes\": ", "\"bytes\": 1"), HasSubstr("step-3.safetensors: expected the bytes"));
  EXPECT_THAT(refused("\"file\"", "\"fil\""), HasSubstr("checkpoint.json: key 'file'"));
  EXPECT_THAT(refused("{", "["), HasSubstr("checkpoint.json"));
}

TEST_F(CheckpointFolderTest, AFullDiskLeavesTheOneOfBefore) {
  write_three();
  TrainingState large = state(4);
  large.tensors.emplace_back("weight.b", at::zeros({1000, 100}, at::kFloat));
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{.rlim_cur = 4096, .rlim_max = before.rlim_max};
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string error = error_of([&] { checkpoints_.write(large); });
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_THAT(error, HasSubstr("step-4.safetensors: cannot write: File too large"));
  expect_equal(checkpoints_.read(), state(3));
  checkpoints_.write(large);
  expect_equal(checkpoints_.read(), large);
}

TEST(TrainingState, NamesWhatIsMissing) {
  const TrainingState three = state(3);
  EXPECT_THAT(error_of([&] { three.tensor("m.a"); }), HasSubstr("'m.a'"));
  EXPECT_THAT(error_of([&] { three.fact("count"); }), HasSubstr("'count'"));
  TrainingState odd = three;
  odd.facts["loss"] = "much";
  EXPECT_THAT(error_of([&] { odd.number("loss"); }), AllOf(HasSubstr("'loss'"), HasSubstr("'much'")));
}

TEST(TrainingState, NumbersReadBackToTheBit) {
  TrainingState one;
  for (const double number :
       {0.1, -1.0 / 3, 5e-324, 1.7976931348623157e308, 0.0, -std::numeric_limits<double>::infinity()}) {
    one.facts["x"] = exact_text(number);
    EXPECT_EQ(one.number("x"), number);
  }
}

}  // namespace
}  // namespace berta::train
