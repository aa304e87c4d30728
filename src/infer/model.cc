#include "infer/model.h"

#include "infer/checkpoint_facts.h"
#include "infer/engine.h"
#include "infer/precision.h"
#include "infer/prepared_format.h"
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
    EngineWeights<O> weights;
  };

  LoadedModel(Parts parts, O ops)
      : Model(std::move(parts.info), std::move(parts.report), parts.heads, parts.has_positions,
              parts.checkpoint.files().front()),
        checkpoint_(std::move(parts.checkpoint)),
        weights_(std::move(parts.weights)),
        ops_(std::move(ops)) {}

  std::unique_ptr<Session> make_session() const override;

  void check(const Sequence& sequence, const Request& request) const override {
    pack_batch({&sequence, 1}, request);
  }

  Packed pack_batch(std::span<const Sequence> batch, const Request& request) const {
    const Head head = resolve(request.head);
    const bool enhanced = head == Head::mlm && uses_enhanced_decoder(request.decoder);
    return pack(batch, info().config, max_length(head, enhanced));
  }

  const EngineWeights<O>& weights() const { return weights_; }
  /// An `Ops` of the model's format with buffers of its own.
  O make_ops() const { return ops_.fresh(); }

  /// Longest sequence: a position table that is added (or decodes masks) has that many rows; 0 without one.
  std::int64_t max_length(Head head, bool enhanced) const {
    const auto& table = weights_.weights.encoder.embeddings.position;
    const bool needed = info().config.embeddings.add_positions || (head == Head::mlm && enhanced);
    return needed ? table->rows() : 0;
  }

 private:
  io::Checkpoint checkpoint_;  // the tables point into it
  EngineWeights<O> weights_;
  O ops_;
};

template <model::Ops O>
class LoadedSession final : public Session {
 public:
  explicit LoadedSession(std::shared_ptr<const LoadedModel<O>> loaded)
      : loaded_(std::move(loaded)), ops_(loaded_->make_ops()) {}

  std::vector<Output> run(std::span<const Sequence> batch, const Request& request) override {
    if (batch.empty()) return {};
    const model::Config& config = loaded_->info().config;
    const Head head = loaded_->resolve(request.head);
    const bool enhanced = head == Head::mlm && loaded_->uses_enhanced_decoder(request.decoder);
    const Packed packed = loaded_->pack_batch(batch, request);
    return Engine<O>(ops_, loaded_->weights(), config).run(packed, request, head, enhanced);
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
std::shared_ptr<const Model> load_with(io::Checkpoint checkpoint, ModelInfo info, Precision precision,
                                       const O& ops) {
  const model::HeadShape heads = find_heads(checkpoint, info);
  const bool has_positions = has_position_table(checkpoint, info);
  TensorFinder finder(checkpoint);
  EngineWeights<O> weights;
  weights.weights = load_parameters(info, heads, has_positions, ops, finder);
  prepare_positions(checkpoint, info, ops, finder, weights);
  LoadReport report = make_report(checkpoint, info, finder);
  report.precision = precision;
  return std::make_shared<const LoadedModel<O>>(
      typename LoadedModel<O>::Parts{std::move(checkpoint), std::move(info), std::move(report), heads,
                                     has_positions, std::move(weights)},
      ops);
}

/// What the user asked for, or what the checkpoint was prepared for; f32 otherwise.
Precision choose_precision(const io::Checkpoint& checkpoint, const LoadOptions& options) {
  const auto prepared = prepared::precision_of(checkpoint);
  if (!prepared) return options.precision == Precision::automatic ? Precision::f32 : options.precision;
  const std::string found = checkpoint.files().front() +
                            ": expected a checkpoint as it was trained, found one prepared for " +
                            std::string(name_of(*prepared)) + ", which ";
  if (options.backend == Backend::reference) throw UserError(found + "the reference backend does not read");
  if (options.precision != Precision::automatic && options.precision != *prepared) {
    throw UserError(found + "can't run in " + std::string(name_of(options.precision)));
  }
  return *prepared;
}

}  // namespace

std::shared_ptr<const Model> Model::load(const std::string& path, const LoadOptions& options) {
  io::Checkpoint checkpoint = io::Checkpoint::open(path);
  ModelInfo info = read_config(path, checkpoint);
  info.config.relative.saturation = options.saturation;
  const Precision precision = choose_precision(checkpoint, options);
  if (options.backend == Backend::reference) {
    return load_with(std::move(checkpoint), std::move(info), precision, ops::ReferenceOps());
  }
  return load_with(std::move(checkpoint), std::move(info), precision, ops::CpuOps(format_of(precision)));
}

}  // namespace berta::infer
