#include "infer/model.h"

#include <algorithm>
#include <array>

#include "infer/engine.h"
#include "infer/weight_loader.h"
#include "ops/cpu.h"
#include "ops/reference.h"

namespace berta::infer {
namespace {

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

template <model::Ops O>
class LoadedModel final : public Model {
 public:
  struct Parts {
    io::Checkpoint checkpoint;
    ModelInfo info;
    LoadReport report;
    model::HeadShape heads;
    bool has_positions;
    Prepared<O> prepared;
  };

  explicit LoadedModel(Parts parts)
      : Model(std::move(parts.info), std::move(parts.report), parts.heads, parts.has_positions,
              parts.checkpoint.files().front()),
        checkpoint_(std::move(parts.checkpoint)),
        prepared_(std::move(parts.prepared)) {}

  std::unique_ptr<Session> make_session() const override;
  const Prepared<O>& prepared() const { return prepared_; }

  /// Longest sequence: a position table that is added (or decodes masks) has that many rows; 0 without one.
  std::int64_t max_length(Head head, bool enhanced) const {
    const auto& table = prepared_.weights.encoder.embeddings.position;
    const bool needed = info().config.embeddings.add_positions || (head == Head::mlm && enhanced);
    return needed ? table->rows() : 0;
  }

 private:
  io::Checkpoint checkpoint_;  // the tables point into it
  Prepared<O> prepared_;
};

template <model::Ops O>
class LoadedSession final : public Session {
 public:
  explicit LoadedSession(std::shared_ptr<const LoadedModel<O>> loaded) : loaded_(std::move(loaded)) {}

  std::vector<Output> run(std::span<const Sequence> batch, const Request& request) override {
    if (batch.empty()) return {};
    const model::Config& config = loaded_->info().config;
    const Head head = loaded_->resolve(request.head);
    const bool enhanced = head == Head::mlm && loaded_->uses_enhanced_decoder(request.decoder);
    const Packed packed = pack(batch, config, loaded_->max_length(head, enhanced));
    return Engine<O>(ops_, loaded_->prepared(), config).run(packed, request, head, enhanced);
  }

 private:
  std::shared_ptr<const LoadedModel<O>> loaded_;
  O ops_;
};

template <model::Ops O>
std::unique_ptr<Session> LoadedModel<O>::make_session() const {
  return std::make_unique<LoadedSession<O>>(
      std::static_pointer_cast<const LoadedModel<O>>(shared_from_this()));
}

template <model::Ops O>
std::shared_ptr<const Model> load_with(io::Checkpoint checkpoint, ModelInfo info) {
  const model::HeadShape heads = find_heads(checkpoint, info);
  const bool has_positions = has_position_table(checkpoint, info);
  TensorFinder finder(checkpoint, info.config);
  Prepared<O> prepared;
  model::ParameterVisitor<O, WeightLoader<O>> visitor(info.config, info.prefix,
                                                      WeightLoader<O>(finder, info.config));
  visitor.encoder(prepared.weights.encoder, has_positions);
  visitor.heads(prepared.weights.heads, heads);
  O ops;
  project_all(ops, prepared, info.config);
  LoadReport report = make_report(checkpoint, info, finder);
  return std::make_shared<const LoadedModel<O>>(typename LoadedModel<O>::Parts{
      std::move(checkpoint), std::move(info), std::move(report), heads, has_positions, std::move(prepared)});
}

}  // namespace

std::shared_ptr<const Model> Model::load(const std::string& path, const LoadOptions& options) {
  io::Checkpoint checkpoint = io::Checkpoint::open(path);
  ModelInfo info = read_config(path, checkpoint);
  info.config.relative.saturation = options.saturation;
  if (options.backend == Backend::reference) {
    return load_with<ops::ReferenceOps>(std::move(checkpoint), std::move(info));
  }
  return load_with<ops::CpuOps>(std::move(checkpoint), std::move(info));
}

}  // namespace berta::infer
