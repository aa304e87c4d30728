#pragma once

#include <numeric>
#include <optional>
#include <vector>

#include "infer/config_reader.h"
#include "infer/prepared_format.h"
#include "infer/weight_loader.h"
#include "model/attention.h"
#include "model/encoder.h"
#include "model/parameters.h"

namespace berta::infer {

/// Weights in the form of one `Ops`, with the position keys and queries of each layer projected once.
template <model::Ops O>
struct EngineWeights {
  model::ModelWeights<O> weights;
  std::vector<model::PositionProjections<O>> positions;  // one a layer
};

/// Encoder in the form of `ops`; heads in f32, for few rows go through them: nothing to gain.
template <model::Ops O>
model::ModelWeights<O> load_parameters(const ModelInfo& info, const model::HeadShape& heads,
                                       bool has_positions, const O& ops, TensorFinder& finder) {
  model::ModelWeights<O> weights;
  const auto visit = [&](const O& form) {
    return model::ParameterVisitor<O, WeightLoader<O>>(info.config, info.prefix,
                                                       WeightLoader<O>(finder, info.config, form));
  };
  visit(ops).encoder(weights.encoder, has_positions);
  visit(ops.exact()).heads(weights.heads, heads);
  return weights;
}

/// Gives each layer's projected relative table, [2 span, D] of keys and of queries, to take(layer,
/// projected). They depend on weights alone, and projecting them anew is a third of a short text's work. Full
/// precision, whatever format the layers then compute in.
template <model::Ops O, class Take>
void project_tables(const io::Checkpoint& checkpoint, const ModelInfo& info,
                    const model::ModelWeights<O>& weights, const O& ops, const Take& take) {
  TensorFinder finder(checkpoint);
  O exact = ops.exact();
  model::ParameterVisitor<O, WeightLoader<O>> visitor(info.config, info.prefix,
                                                      WeightLoader<O>(finder, info.config, exact));
  const auto table = model::relative_table(
      exact, weights.encoder, {.count = static_cast<std::int32_t>(2 * info.config.relative.span())});
  for (std::size_t i = 0; i < weights.encoder.layers.size(); ++i) {
    if (ops.is_exact()) {
      take(i, model::project_positions(exact, weights.encoder.layers[i].attention, info.config, table));
      continue;
    }
    model::AttentionWeights<O> full;
    visitor.position_projections(full, i);
    take(i, model::project_positions(exact, full, info.config, table));
  }
}

/// The same of a prepared checkpoint, where they lie ready.
template <model::Ops O, class Take>
void read_projected_tables(TensorFinder& finder, const ModelInfo& info, const O& ops, const Take& take) {
  O exact = ops.exact();
  std::vector<std::int32_t> all(static_cast<std::size_t>(2 * info.config.relative.span()));
  std::iota(all.begin(), all.end(), 0);
  const auto load = [&](bool wanted, std::string_view which,
                        std::size_t layer) -> std::optional<typename O::Tensor> {
    if (!wanted) return std::nullopt;
    const FoundTensor found = finder.find_derived(prepared::projected_table(info, which, layer));
    auto tensor = exact.gather({found.tensor->view, describe(*found.tensor)}, all);
    finder.release(found);
    return tensor;
  };
  for (std::size_t i = 0; i < static_cast<std::size_t>(info.config.layers); ++i) {
    model::ProjectedTables<O> projected;
    projected.key = load(info.config.relative.content_to_position, prepared::kKeys, i);
    projected.query = load(info.config.relative.position_to_content, prepared::kQueries, i);
    take(i, std::move(projected));
  }
}

/// Fills loaded.positions from loaded.weights, or from what a prepared checkpoint holds.
template <model::Ops O>
void prepare_positions(const io::Checkpoint& checkpoint, const ModelInfo& info, const O& ops,
                       TensorFinder& finder, EngineWeights<O>& loaded) {
  loaded.positions.resize(loaded.weights.encoder.layers.size());
  if (!info.config.relative.enabled()) return;
  O form = ops;
  const auto take = [&](std::size_t layer, const model::ProjectedTables<O>& projected) {
    const auto bring = [&](const auto& table, model::PositionTerm term) {
      return table ? std::optional(form.positions(*table, info.config.heads, term)) : std::nullopt;
    };
    loaded.positions[layer].key = bring(projected.key, model::PositionTerm::content_to_position);
    loaded.positions[layer].query = bring(projected.query, model::PositionTerm::position_to_content);
  };
  if (prepared::precision_of(checkpoint)) {
    read_projected_tables(finder, info, ops, take);
  } else {
    project_tables(checkpoint, info, loaded.weights, ops, take);
  }
}

}  // namespace berta::infer
