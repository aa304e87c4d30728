#pragma once

#include <filesystem>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "io/json.h"
#include "train/model/forward.h"
#include "train/model/train_model.h"

namespace berta::train::testing {

/// Small configurations of every kind that the family has: a name and config.json.
inline std::vector<std::pair<std::string, std::string>> small_configs() {
  const std::string sizes =
      R"("vocab_size": 31, "hidden_size": 12, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 20,
         "max_position_embeddings": 24, "num_labels": 3, "initializer_range": 0.3, )";
  const std::string v3 = R"("model_type": "deberta-v2", "relative_attention": true, "pos_att_type": "c2p|p2c",
         "position_buckets": 6, "norm_rel_ebd": "layer_norm", "share_att_key": true, "position_biased_input": false)";
  return {
      {"v3", "{" + sizes + v3 + "}"},
      {"v2_convolution",
       "{" + sizes + v3 + R"(, "conv_kernel_size": 3, "conv_act": "gelu", "conv_groups": 2})"},
      {"v1", "{" + sizes + R"("model_type": "deberta", "relative_attention": true, "pos_att_type": "c2p|p2c",
         "max_relative_positions": 8, "position_biased_input": false})"},
      {"own_position_projections", "{" + sizes + R"("model_type": "deberta-v2", "relative_attention": true,
         "pos_att_type": "c2p|p2c", "position_biased_input": false})"},
      {"c2p_only",
       "{" + sizes + R"("model_type": "deberta-v2", "relative_attention": true, "pos_att_type": "c2p",
         "position_buckets": 8, "share_att_key": true, "position_biased_input": false})"},
      {"p2c_only",
       "{" + sizes + R"("model_type": "deberta-v2", "relative_attention": true, "pos_att_type": "p2c",
         "position_buckets": 8, "norm_rel_ebd": "layer_norm", "position_biased_input": false})"},
      {"absolute",
       "{" + sizes + R"("model_type": "deberta-v2", "relative_attention": false, "type_vocab_size": 2,
         "hidden_act": "gelu_new", "position_biased_input": true})"},
      {"microsoft",
       "{" + sizes + R"("relative_attention": true, "pos_att_type": "c2p|p2c", "position_buckets": 6,
         "norm_rel_ebd": "layer_norm", "share_att_key": true, "position_biased_input": false})"},
  };
}

/// All heads at once.
inline ModelPlan every_head(at::ScalarType type) {
  return {.heads = {.pooler = true,
                    .classifier = true,
                    .answer = true,
                    .language_model = true,
                    .microsoft_language_model = true,
                    .replaced_token = true},
          .with_positions = true,
          .seed = 7,
          .type = type};
}

inline TrainModel small_model(const std::string& config, const ModelPlan& plan) {
  TrainModel model =
      make_model(plan, infer::read_new_config(io::parse_json(config, "config.json"), "config.json"));
  // Not the zeros and ones of a new model: their gradients would hide faults.
  std::mt19937 random(3);
  std::normal_distribution<double> normal(0, 0.2);
  const at::NoGradGuard no_gradients;
  for (TrainParameter& parameter : model.parameters) {
    if (parameter.tensor.dim() > 1) continue;
    for (std::int64_t i = 0; i < parameter.tensor.numel(); ++i) parameter.tensor[i] += normal(random);
  }
  return model;
}

/// Three sequences of random ids, one of them a single token; some rows picked. `dropped`: without some of
/// the tokens; the others stand where they stood.
inline Batch small_batch(const model::Config& config, bool dropped = false) {
  std::mt19937 random(11);
  Batch batch;
  for (const std::int32_t length : {13, 1, 7}) {
    std::vector<std::int32_t> kept, picked;
    for (std::int32_t i = 0; i < length; ++i) {
      const auto id =
          static_cast<std::int32_t>(random() % static_cast<std::uint32_t>(config.embeddings.vocabulary));
      const auto type = static_cast<std::int32_t>(random() % 2);
      const bool is_picked = random() % 3 == 0;
      if (dropped && i % 5 % 3 == 2) continue;
      if (is_picked) {
        picked.push_back(i);
        batch.picked_rows.push_back(static_cast<std::int32_t>(batch.tokens.ids.size()));
      }
      kept.push_back(i);
      batch.tokens.ids.push_back(id);
      batch.tokens.types.push_back(type);
    }
    batch.tokens.rows.append(kept);
    batch.picked.append(picked);
  }
  return batch;
}

/// One number of all heads, each with the rows that it needs; smooth, so that derivatives can be taken
/// numerically.
inline at::Tensor every_loss(const TrainModel& model, const RunOptions& options, const Batch& batch) {
  const auto score = [](const at::Tensor& logits, std::int64_t shift) {
    const auto columns = logits.size(1);
    const at::Tensor labels = (at::arange(logits.size(0), at::kLong) + shift).remainder(columns);
    return at::cross_entropy_loss(logits, labels);
  };
  Forward all(model, options, batch);
  Forward first(model, options, batch, NeededRows::first);
  Forward masked(model, options, batch, NeededRows::masked);
  Forward picked(model, options, batch, NeededRows::picked);
  const at::Tensor rtd = all.replaced_token_logits();
  const at::Tensor targets = at::arange(rtd.size(0), rtd.options()).remainder(2);
  const at::Tensor loss = score(all.token_logits(), 1) + score(all.answer_logits().t(), 3) +
                          at::binary_cross_entropy_with_logits(rtd, targets) + score(all.mask_logits(), 2) +
                          score(first.sequence_logits(), 0) + score(masked.mask_logits(), 5) +
                          score(picked.mask_logits(), 7) + score(picked.token_logits(), 0);
  if (at::GradMode::is_enabled()) loss.backward();  // while the passes are there
  return loss;
}

}  // namespace berta::train::testing
