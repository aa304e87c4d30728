// Scores beyond what half precision holds: mDeBERTa's overflow f16
// (https://github.com/microsoft/DeBERTa/issues/77, https://github.com/huggingface/transformers/pull/24116).
// Here scores are f32 in every format.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <map>

#include "golden.h"
#include "io/safetensors.h"

namespace berta::infer {
namespace {

constexpr double kLargestHalf = 65504;

/// A golden model with queries and keys as large as wanted.
class LargeScores {
 public:
  explicit LargeScores(float factor)
      : golden_(testing::read_golden("v3-classification")),
        folder_(::testing::TempDir() + "berta_large_scores"),
        checkpoint_(io::Checkpoint::open(golden_.folder)) {
    std::filesystem::create_directories(folder_);
    std::filesystem::copy(golden_.folder + "/config.json", folder_ + "/config.json",
                          std::filesystem::copy_options::overwrite_existing);
    std::vector<io::NamedTensor> tensors;
    for (const auto& tensor : checkpoint_.tensors()) {
      tensors.push_back({tensor.name, tensor.view});
      if (tensor.name.find("query_proj") == std::string::npos &&
          tensor.name.find("key_proj") == std::string::npos)
        continue;
      auto& values = scaled_[tensor.name];
      values.resize(static_cast<std::size_t>(tensor.view.size()));
      convert(tensor.view, 0, std::span(values));
      for (float& value : values) value *= factor;
      tensors.back().view = {DType::f32, tensor.view.shape,
                             reinterpret_cast<const std::byte*>(values.data())};
    }
    io::write_safetensors(folder_ + "/model.safetensors", tensors);
  }
  ~LargeScores() { std::filesystem::remove_all(folder_); }
  LargeScores(const LargeScores&) = delete;
  LargeScores& operator=(const LargeScores&) = delete;

  const std::string& folder() const { return folder_; }
  const Sequence& sequence() const { return golden_.inputs.front().sequences.front(); }

  /// Largest |Q K| of layer 0, all heads together, for these embeddings.
  double largest_score(const Matrix& states) const {
    const auto query = project(states, "query_proj");
    const auto key = project(states, "key_proj");
    double largest = 0;
    for (const auto& q : query) {
      for (const auto& k : key) {
        double score = 0;
        for (std::size_t i = 0; i < q.size(); ++i) score += q[i] * k[i];
        largest = std::max(largest, std::abs(score));
      }
    }
    return largest;
  }

 private:
  std::vector<std::vector<double>> project(const Matrix& states, const std::string& name) const {
    const auto& weight = scaled_.at("deberta.encoder.layer.0.attention.self." + name + ".weight");
    const auto columns = static_cast<std::size_t>(states.columns);
    std::vector<std::vector<double>> rows;
    for (std::int64_t r = 0; r < states.rows; ++r) {
      std::vector<double> row(weight.size() / columns);
      for (std::size_t o = 0; o < row.size(); ++o) {
        for (std::size_t i = 0; i < columns; ++i)
          row[o] += static_cast<double>(states.row(r)[i]) * static_cast<double>(weight[o * columns + i]);
      }
      rows.push_back(row);
    }
    return rows;
  }

  testing::Golden golden_;
  std::string folder_;
  io::Checkpoint checkpoint_;
  std::map<std::string, std::vector<float>> scaled_;
};

TEST(Range, ScoresBeyondHalfPrecisionStayRight) {
  const LargeScores model(100);
  const Request request{.head = Head::classification, .hidden_states = true};
  const auto run = [&](const LoadOptions& options) {
    return Model::load(model.folder(), options)->make_session()->run({&model.sequence(), 1}, request)[0];
  };
  const Output exact = run({.backend = Backend::reference});
  EXPECT_GT(model.largest_score(exact.hidden_states[0]), 2 * kLargestHalf);
  for (const Precision precision : {Precision::f32, Precision::bf16, Precision::int8}) {
    SCOPED_TRACE(name_of(precision));
    const Output found = run({.precision = precision});
    for (std::size_t layer = 0; layer < exact.hidden_states.size(); ++layer) {
      const auto& wanted = exact.hidden_states[layer].data;
      const auto& data = found.hidden_states[layer].data;
      ASSERT_EQ(data.size(), wanted.size());
      for (std::size_t i = 0; i < data.size(); ++i) {
        ASSERT_TRUE(std::isfinite(data[i]));
        // A score of 1e5 in f32 is good to 0.01, and so is its probability.
        if (precision == Precision::f32) {
          ASSERT_NEAR(data[i], wanted[i], 0.05);
        }
      }
    }
  }
}

}  // namespace
}  // namespace berta::infer
