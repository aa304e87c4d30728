#include "infer/model.h"

#include "infer/checkpoint_facts.h"
#include "infer/engine.h"
#include "infer/weight_loader.h"
#include "ops/cpu.h"
#include "ops/reference.h"

namespace berta::infer {
namespace {

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

  void check(const Sequence& sequence, const Request& request) const override {
    pack_batch({&sequence, 1}, request);
  }

  Packed pack_batch(std::span<const Sequence> batch, const Request& request) const {
    const Head head = resolve(request.head);
    const bool enhanced = head == Head::mlm && uses_enhanced_decoder(request.decoder);
    return pack(batch, info().config, max_length(head, enhanced));
  }

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
    const Packed packed = loaded_->pack_batch(batch, request);
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
