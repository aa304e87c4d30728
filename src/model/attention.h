#pragma once

#include <cmath>
#include <numeric>
#include <optional>
#include <vector>

#include "model/ops.h"

namespace berta::model {

/// Rows of the relative table as the layers see them: P, or LN(P) with norm_rel_ebd.    [rows, hidden_size]
/// Short sequences reach few of the 2 span rows, so a training step takes those alone.
template <Ops O>
typename O::Tensor relative_table(O& ops, const EncoderWeights<O>& w, TableRows rows) {
  std::vector<std::int32_t> indexes(static_cast<std::size_t>(rows.count));
  std::iota(indexes.begin(), indexes.end(), rows.first);
  auto table = ops.gather(*w.relative, indexes);
  return w.relative_norm ? ops.norm(std::move(table), *w.relative_norm) : std::move(table);
}

/// Position keys and queries of one layer, before `Ops::positions` brings them into the form of its
/// attention.
template <class O>
struct ProjectedTables {
  std::optional<typename O::Tensor> key;    // Kr, for content to position    [table rows, hidden_size]
  std::optional<typename O::Tensor> query;  // Qr, for position to content    [table rows, hidden_size]
};

/// Kr = P W_k^T + b_k and Qr = P W_q^T + b_q of one layer, with the content projections where they are
/// shared. In training each layer drops other elements of P.
template <Ops O>
ProjectedTables<O> project_positions(O& ops, const AttentionWeights<O>& w, const Config& config,
                                     const typename O::Tensor& whole_table) {
  ProjectedTables<O> projected;
  const typename O::Tensor& table = ops.dropout(whole_table, DropoutPlace::hidden);
  if (config.relative.content_to_position) {
    projected.key = ops.linear(table, w.position_key ? *w.position_key : w.key);
  }
  if (config.relative.position_to_content) {
    projected.query = ops.linear(table, w.position_query ? *w.position_query : w.query);
  }
  return projected;
}

/// What stays the same through all layers of one run.
struct Context {
  const Config& config;
  const RelativeRows& relative;
  const Rows& query_rows;
  const Rows& key_rows;
};

/// a = LN(dropout(W_o Attn(q, k, v) + b_o) + x_q), with the disentangled scores of DeBERTa (section 3.1 of
/// the paper):
///   S[q,k] = (Q[q] K[k] + Q[q] Kr[d(q,k)] + K[k] Qr[d(q,k)]) / sqrt(head_size f)
/// x_query [query_rows, D] is the query stream and the residual; x [key_rows, D] gives keys and values.
template <Ops O>
typename O::Tensor attend(O& ops, const AttentionWeights<O>& w, const PositionProjections<O>& positions,
                          const Context& context, const typename O::Tensor& x_query,
                          const typename O::Tensor& x) {
  const Config& config = context.config;
  const auto query = ops.linear(x_query, w.query);  // [query_rows, heads * head_size]
  const auto key = ops.linear(x, w.key);            // [key_rows, heads * head_size]
  const auto value = ops.linear(x, w.value);
  const double scale = 1 / std::sqrt(static_cast<double>(config.head_size * config.score_terms));
  const auto mixed = ops.attention({.query = query,
                                    .key = key,
                                    .value = value,
                                    .positions = positions,
                                    .relative = context.relative,
                                    .query_rows = context.query_rows,
                                    .key_rows = context.key_rows,
                                    .heads = config.heads,
                                    .scale = scale});
  return ops.linear_norm(mixed, w.output, x_query, w.norm);
}

}  // namespace berta::model
