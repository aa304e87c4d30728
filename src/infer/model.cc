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

  LoadedModel(Parts parts, O ops)
      : Model(std::move(parts.info), std::move(parts.report), parts.heads, parts.has_positions,
              parts.checkpoint.files().front()),
        checkpoint_(std::move(parts.checkpoint)),
        prepared_(std::move(parts.prepared)),
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

  const Prepared<O>& prepared() const { return prepared_; }
  /// An `Ops` of the model's format with buffers of its own.
  O make_ops() const { return ops_.fresh(); }

  /// Longest sequence: a position table that is added (or decodes masks) has that many rows; 0 without one.
  std::int64_t max_length(Head head, bool enhanced) const {
    const auto& table = prepared_.weights.encoder.embeddings.position;
    const bool needed = info().config.embeddings.add_positions || (head == Head::mlm && enhanced);
    return needed ? table->rows() : 0;
  }

 private:
  io::Checkpoint checkpoint_;  // the tables point into it
  Prepared<O> prepared_;
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

/// Position keys and queries depend on weights alone; nobody else precomputes them, and they are a third of a
/// short text's work. They are projected in full precision, whatever format the layers then compute in.
template <model::Ops O>
void project_positions(const io::Checkpoint& checkpoint, const ModelInfo& info, const O& ops,
                       Prepared<O>& prepared) {
  prepared.positions.resize(prepared.weights.encoder.layers.size());
  if (!info.config.relative.enabled()) return;
  TensorFinder finder(checkpoint);
  O exact = ops.exact();
  O form = ops;
  model::ParameterVisitor<O, WeightLoader<O>> visitor(info.config, info.prefix,
                                                      WeightLoader<O>(finder, info.config, exact));
  const auto table = model::relative_table(exact, prepared.weights.encoder, info.config);
  for (std::size_t i = 0; i < prepared.positions.size(); ++i) {
    model::AttentionWeights<O> weights;
    visitor.position_projections(weights, i);
    prepared.positions[i] = model::project_positions(exact, form, weights, info.config, table);
  }
}

kernels::Format format_of(Precision precision) {
  constexpr kernels::Format kFormats[] = {kernels::Format::f32, kernels::Format::bf16, kernels::Format::int8};
  return kFormats[static_cast<std::size_t>(precision)];
}

template <model::Ops O>
std::shared_ptr<const Model> load_with(io::Checkpoint checkpoint, ModelInfo info, const O& ops) {
  const model::HeadShape heads = find_heads(checkpoint, info);
  const bool has_positions = has_position_table(checkpoint, info);
  TensorFinder finder(checkpoint);
  Prepared<O> prepared;
  const auto visit = [&](const O& form) {
    return model::ParameterVisitor<O, WeightLoader<O>>(info.config, info.prefix,
                                                       WeightLoader<O>(finder, info.config, form));
  };
  visit(ops).encoder(prepared.weights.encoder, has_positions);
  visit(ops.exact()).heads(prepared.weights.heads, heads);  // few rows go through them: nothing to gain
  project_positions(checkpoint, info, ops, prepared);
  LoadReport report = make_report(checkpoint, info, finder);
  return std::make_shared<const LoadedModel<O>>(
      typename LoadedModel<O>::Parts{std::move(checkpoint), std::move(info), std::move(report), heads,
                                     has_positions, std::move(prepared)},
      ops);
}

}  // namespace

std::shared_ptr<const Model> Model::load(const std::string& path, const LoadOptions& options) {
  io::Checkpoint checkpoint = io::Checkpoint::open(path);
  ModelInfo info = read_config(path, checkpoint);
  info.config.relative.saturation = options.saturation;
  if (options.backend == Backend::reference) {
    return load_with(std::move(checkpoint), std::move(info), ops::ReferenceOps());
  }
  return load_with(std::move(checkpoint), std::move(info), ops::CpuOps(format_of(options.precision)));
}

}  // namespace berta::infer
