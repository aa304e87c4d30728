#include "infer/checkpoint_facts.h"

#include <algorithm>
#include <array>

namespace berta::infer {
namespace {

/// Names of the family that a config or a set of heads may leave unread.
bool is_known(std::string_view name) {
  constexpr std::array<std::string_view, 11> kKnown = {"embeddings.position_ids",
                                                       "_weight",
                                                       "encoder.rel_embeddings.weight",
                                                       "encoder.LayerNorm.weight",
                                                       "encoder.LayerNorm.bias",
                                                       "cls.predictions.decoder.weight",
                                                       "cls.predictions.decoder.bias",
                                                       "embeddings.token_type_embeddings.weight",
                                                       "cls.seq_relationship.weight",
                                                       "cls.seq_relationship.bias",
                                                       "embed_proj.weight"};
  return std::any_of(kKnown.begin(), kKnown.end(), [&](std::string_view end) { return name.ends_with(end); });
}

}  // namespace

model::HeadShape find_heads(const io::Checkpoint& checkpoint, const ModelInfo& info) {
  const auto has = [&](const std::string& name) { return checkpoint.find(name) != nullptr; };
  const std::string& at = info.prefix.heads;
  model::HeadShape shape;
  shape.pooler = has(at + "pooler.dense.weight") || has(info.prefix.backbone + "pooler.dense.weight");
  shape.classifier = has(at + "classifier.weight");
  shape.token_projection = has(at + "proj.weight") && shape.classifier;
  shape.answer = has(at + "qa_outputs.weight");
  shape.microsoft_language_model = has(at + "lm_predictions.lm_head.dense.weight");
  shape.language_model = shape.microsoft_language_model || has(at + "cls.predictions.transform.dense.weight");
  shape.language_model_decoder =
      shape.language_model && !info.tied_embeddings && has(at + "cls.predictions.decoder.weight");
  shape.replaced_token = has(at + "mask_predictions.dense.weight");
  return shape;
}

bool has_position_table(const io::Checkpoint& checkpoint, const ModelInfo& info) {
  const std::string at = info.prefix.backbone + "embeddings.position_embeddings.";
  return info.config.embeddings.add_positions || checkpoint.find(at + "weight") != nullptr ||
         checkpoint.find(at + "_weight") != nullptr;
}

LoadReport make_report(const io::Checkpoint& checkpoint, const ModelInfo& info, const TensorFinder& finder) {
  LoadReport report;
  report.parameters = finder.parameters();
  for (const io::CheckpointTensor& tensor : checkpoint.tensors()) {
    report.weight_bytes += static_cast<std::size_t>(tensor.view.size()) * size_of(tensor.view.dtype);
    if (!finder.used().contains(tensor.name)) report.unused.push_back({tensor.name, is_known(tensor.name)});
  }
  const std::string delta = info.prefix.backbone + "embeddings.word_embeddings._weight";
  if (finder.used().contains(delta)) {
    report.warnings.push_back(
        checkpoint.files().front() + ": tensor '" + delta +
        "' is used as the word embedding: 'word_embeddings.weight' is not there, and if this file "
        "comes from gradient-disentangled training it holds only the difference to the generator's");
  }
  return report;
}

}  // namespace berta::infer
