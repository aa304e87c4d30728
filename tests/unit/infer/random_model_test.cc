#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <random>

#include "core/parallel.h"
#include "golden.h"
#include "io/safetensors.h"
#include "model/parameters.h"

namespace berta::infer {
namespace {

/// A `parameter type` for the visitor that only remembers names and shapes.
struct Shapes {
  struct Matrix {};
  struct Vector {};
  struct Table {};
  struct Kernel {};
};

class RandomModel {
 public:
  explicit RandomModel(unsigned seed)
      : random_(seed), folder_(::testing::TempDir() + "berta_random_" + std::to_string(seed)) {
    choose();
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ + "/config.json") << json();
    write_weights();
  }
  ~RandomModel() { std::filesystem::remove_all(folder_); }
  RandomModel(const RandomModel&) = delete;
  RandomModel& operator=(const RandomModel&) = delete;

  const std::string& folder() const { return folder_; }
  const model::Config& config() const { return config_; }
  std::string json() const;

  Sequence sequence(std::int64_t length) {
    Sequence sequence;
    for (std::int64_t i = 0; i < length; ++i) {
      sequence.ids.push_back(static_cast<std::int32_t>(pick(0, config_.embeddings.vocabulary - 1)));
      sequence.types.push_back(
          static_cast<std::int32_t>(pick(0, std::max<std::int64_t>(1, config_.embeddings.token_types) - 1)));
    }
    return sequence;
  }
  std::int64_t pick(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }

 private:
  bool coin() { return pick(0, 1) == 1; }
  void choose();
  void write_weights();
  std::vector<float> values(const std::string& name, std::int64_t count, std::int64_t inputs);

  std::mt19937 random_;
  std::string folder_;
  model::Config config_;
};

void RandomModel::choose() {
  config_.heads = pick(1, 4);
  config_.head_size = pick(1, 20);
  config_.hidden_size = config_.heads * config_.head_size;
  config_.layers = pick(1, 3);
  config_.intermediate_size = pick(1, 70);
  config_.labels = pick(1, 4);
  config_.pooler_size = config_.hidden_size;
  config_.embeddings = {.vocabulary = pick(2, 60),
                        .size = coin() ? config_.hidden_size : pick(1, 30),
                        .max_positions = 130,
                        .token_types = coin() ? 0 : pick(1, 3),
                        .add_positions = coin()};
  config_.relative = {.content_to_position = coin(),
                      .position_to_content = coin(),
                      .share_keys = coin(),
                      .normalise_table = coin(),
                      .buckets = coin() ? 0 : pick(2, 40),
                      .max_position = pick(24, 150)};
  if (coin()) config_.convolution = {.kernel = 2 * pick(0, 3) + 1, .groups = coin() ? 1 : config_.heads};
}

std::string RandomModel::json() const {
  const auto& relative = config_.relative;
  const auto number = [](const char* key, std::int64_t value) {
    return "\"" + std::string(key) + "\": " + std::to_string(value) + ", ";
  };
  const auto flag = [](const char* key, bool value) {
    return "\"" + std::string(key) + "\": " + (value ? "true, " : "false, ");
  };
  std::string types = relative.content_to_position ? "c2p" : "";
  if (relative.position_to_content) types += types.empty() ? "p2c" : "|p2c";
  return "{" + number("hidden_size", config_.hidden_size) + number("num_hidden_layers", config_.layers) +
         number("num_attention_heads", config_.heads) +
         number("intermediate_size", config_.intermediate_size) +
         number("vocab_size", config_.embeddings.vocabulary) +
         number("embedding_size", config_.embeddings.size) +
         number("max_position_embeddings", config_.embeddings.max_positions) +
         number("type_vocab_size", config_.embeddings.token_types) +
         flag("position_biased_input", config_.embeddings.add_positions) +
         flag("relative_attention", relative.enabled()) + number("position_buckets", relative.buckets) +
         number("max_relative_positions", relative.max_position) +
         flag("share_att_key", relative.share_keys) + "\"norm_rel_ebd\": \"" +
         (relative.normalise_table ? "layer_norm" : "none") + "\", " +
         number("conv_kernel_size", config_.convolution.kernel) +
         number("conv_groups", config_.convolution.groups) + "\"pos_att_type\": \"" + types +
         "\", \"model_type\": \"deberta-v2\"}";
}

/// Norm weights near one, else a normal spread that keeps sums over the inputs of size one.
std::vector<float> RandomModel::values(const std::string& name, std::int64_t count, std::int64_t inputs) {
  const bool scale = name.ends_with("LayerNorm.weight");
  std::normal_distribution<float> normal(scale ? 1.0F : 0.0F,
                                         scale ? 0.3F : 1 / std::sqrt(static_cast<float>(inputs)));
  std::vector<float> data(static_cast<std::size_t>(count));
  for (float& value : data) value = normal(random_);
  return data;
}

void RandomModel::write_weights() {
  std::vector<std::vector<float>> storage;
  std::vector<io::NamedTensor> tensors;
  const auto visit = [&](auto&, const model::Parameter& parameter) {
    Shape shape = parameter.shape;
    const std::string& name = parameter.sources.front().name;
    if (shape[0] < 0) {
      shape[0] = name.find("position") != std::string::npos ? config_.embeddings.max_positions
                                                            : config_.embeddings.vocabulary;
    }
    std::int64_t count = 1;
    for (const std::int64_t extent : shape) count *= extent;
    storage.push_back(values(name, count, shape.size() > 1 ? count / shape[0] : 4));
    tensors.push_back({name, {DType::f32, shape, reinterpret_cast<const std::byte*>(storage.back().data())}});
  };
  model::ParameterVisitor<Shapes, decltype(visit)> visitor(config_, {"deberta.", ""}, visit);
  model::ModelWeights<Shapes> weights;
  visitor.encoder(weights.encoder, true);
  visitor.heads(weights.heads, {.pooler = true,
                                .classifier = true,
                                .answer = true,
                                .language_model = true,
                                .microsoft_language_model = true,
                                .replaced_token = true});
  io::write_safetensors(folder_ + "/model.safetensors", tensors);
}

double worst(const std::vector<Output>& a, const std::vector<Output>& b) {
  double largest = 0;
  const auto compare = [&](const Matrix& x, const Matrix& y) {
    ASSERT_EQ(x.data.size(), y.data.size());
    for (std::size_t i = 0; i < x.data.size(); ++i) {
      const double here = std::abs(static_cast<double>(x.data[i]) - static_cast<double>(y.data[i]));
      largest = here <= largest ? largest : here;
    }
  };
  EXPECT_EQ(a.size(), b.size());
  for (std::size_t s = 0; s < a.size(); ++s) {
    compare(a[s].logits, b[s].logits);
    for (std::size_t k = 0; k < a[s].hidden_states.size(); ++k)
      compare(a[s].hidden_states[k], b[s].hidden_states[k]);
  }
  return largest;
}

/// Every head over random configurations of every variant: cpu in f32 against the reference in double.
TEST(RandomModels, CpuEqualsTheReference) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    RandomModel random(seed);
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + random.json());
    const auto cpu = Model::load(random.folder());
    const auto reference = Model::load(random.folder(), {.backend = Backend::reference});
    std::vector<Sequence> batch;
    for (const std::int64_t length : {random.pick(1, 5), random.pick(1, 130), random.pick(1, 40)}) {
      batch.push_back(random.sequence(length));
    }
    batch[1].all_positions = false;
    batch[1].mask_positions = {0, static_cast<std::int32_t>(batch[1].ids.size()) - 1};
    for (const Head head :
         {Head::classification, Head::token, Head::qa, Head::choice, Head::mlm, Head::rtd}) {
      const Request request{.head = head, .hidden_states = true};
      const auto fast = cpu->make_session()->run(batch, request);
      EXPECT_LE(worst(fast, reference->make_session()->run(batch, request)), 2e-5) << name_of(head);
    }
  }
}

double largest(const std::vector<Output>& outputs) {
  double size = 0;
  for (const Output& output : outputs) {
    for (const Matrix& states : output.hidden_states) {
      for (const float value : states.data) size = std::max(size, std::abs(static_cast<double>(value)));
    }
  }
  return size;
}

/// bf16 keeps 8 bits of the inputs of products, int8 seven and one scale a row: their errors are theirs, not
/// bugs, so the bounds are wide; a wrong scale, sum or panel would miss them by far.
TEST(RandomModels, NarrowFormatsStayNearTheReference) {
  int compared = 0;
  for (unsigned seed = 300; seed < 320; ++seed) {
    RandomModel random(seed);
    if (random.config().hidden_size < 8) continue;  // a norm over two columns knows only which is larger
    ++compared;
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + random.json());
    const auto reference = Model::load(random.folder(), {.backend = Backend::reference});
    const std::vector<Sequence> batch = {random.sequence(random.pick(1, 130)),
                                         random.sequence(random.pick(1, 40))};
    const Request request{.head = Head::none, .hidden_states = true};
    const auto wanted = reference->make_session()->run(batch, request);
    for (const auto& [precision, bound] :
         {std::pair(Precision::bf16, 0.04), std::pair(Precision::int8, 0.12)}) {
      const auto found =
          Model::load(random.folder(), {.precision = precision})->make_session()->run(batch, request);
      EXPECT_LE(worst(found, wanted) / largest(wanted), bound) << static_cast<int>(precision);
    }
  }
  EXPECT_GE(compared, 10);
}

/// Neighbours in the batch, the order and the number of threads change nothing.
TEST(RandomModels, AnswersDoNotDependOnTheBatch) {
  for (unsigned seed = 200; seed < 206; ++seed) {
    RandomModel random(seed);
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + random.json());
    const auto loaded = Model::load(random.folder());
    const auto session = loaded->make_session();
    std::vector<Sequence> batch;
    for (int i = 0; i < 6; ++i) batch.push_back(random.sequence(random.pick(1, 130)));
    const Request request{.head = Head::rtd, .hidden_states = true};
    const auto together = session->run(batch, request);
    set_threads(1);
    for (std::size_t s = 0; s < batch.size(); ++s) {
      EXPECT_LE(worst(session->run(std::span(&batch[s], 1), request), {together[s]}), 1e-5);
    }
    set_threads(0);
  }
}

}  // namespace
}  // namespace berta::infer
