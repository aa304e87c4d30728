#pragma once

#include <algorithm>
#include <string>

#include "../corpus/corpus_tools.h"
#include "io/mapped_file.h"
#include "io/safetensors.h"
#include "train/settings.h"
#include "train/torch.h"

namespace berta::train::testing {

/// Says nothing; stops after so many steps, if that is asked for.
class QuietWatcher : public Watcher {
 public:
  explicit QuietWatcher(std::int64_t stop_after = -1) : stop_after_(stop_after) {}
  void note(const std::string&) override {}
  void warn(const std::string& message) override { ADD_FAILURE() << message; }
  void progress(const TrainProgress& progress) override { done_ = progress.step; }
  bool stop() override { return stop_after_ >= 0 && done_ >= stop_after_; }

 private:
  std::int64_t stop_after_, done_ = 0;
};

/// A corpus of some sequences and a tiny model's config, in a folder of their own.
class Workshop {
 public:
  explicit Workshop(int lines = 60, int most_words = 20) {
    corpus::testing::prepare(
        {.inputs = {folder_.write("text.txt", corpus::testing::many_lines(lines, most_words))},
         .output = folder_.file("corpus"),
         .held_out = 0.2,
         .seed = 3});
    folder_.write("config.json",
                  R"({"model_type": "deberta-v2", "hidden_size": 8, "num_hidden_layers": 3,
  "num_attention_heads": 2, "intermediate_size": 12, "max_position_embeddings": 16, "initializer_range": 0.2,
  "relative_attention": true, "pos_att_type": "c2p|p2c", "position_buckets": 6, "norm_rel_ebd": "layer_norm",
  "share_att_key": true, "position_biased_input": false, "type_vocab_size": 0})");
  }

  std::string file(const std::string& name) const { return folder_.file(name); }

  PretrainSettings settings(Objective objective, const std::string& output) const {
    PretrainSettings settings;
    settings.objective = objective;
    settings.corpus = file("corpus");
    settings.tokenizer = BERTA_MODELS "/sentiment";
    settings.config = file("config.json");
    settings.max_length = 14;
    settings.evaluate_chunks = 4;
    settings.run.output = file(output);
    settings.run.batch_size = 3;
    settings.run.max_steps = 6;
    settings.run.dropout = 0.1;
    settings.run.checkpoint_minutes = 0;
    settings.optimizer.kind = Optimizer::xadam;
    settings.optimizer.learning_rate = 1e-2;
    return settings;
  }

 private:
  io::TemporaryFolder folder_;
};

/// A tensor of a safetensors file.
inline at::Tensor tensor_of(const std::string& path, const std::string& name) {
  const io::MappedFile file(path);
  for (const io::NamedTensor& tensor : io::parse_safetensors(file.bytes(), path).tensors) {
    if (tensor.name != name) continue;
    at::Tensor copy = at::empty(tensor.view.shape, tensor.view.dtype == DType::f32 ? at::kFloat : at::kInt);
    std::copy_n(tensor.view.data, copy.nbytes(), static_cast<std::byte*>(copy.data_ptr()));
    return copy;
  }
  ADD_FAILURE() << path << " has no " << name;
  return {};
}

}  // namespace berta::train::testing
