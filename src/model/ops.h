#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "model/activation.h"
#include "model/relative.h"
#include "model/rows.h"
#include "model/weights.h"

namespace berta::model {

/// Position keys and queries of one layer, [table rows, heads * head_size] each, in the form an `Ops` likes.
/// They depend on weights alone: inference projects them once at load, training once a step.
template <class O>
struct PositionProjections {
  std::optional<typename O::Positions> key;    ///< Kr, for content to position
  std::optional<typename O::Positions> query;  ///< Qr, for position to content
};

/// The two places of a relative table in the scores; each has a form of its own.
enum class PositionTerm : std::uint8_t { content_to_position, position_to_content };

/// Where elements are dropped in training; each place has a rate of its own. Nothing is dropped at inference.
enum class DropoutPlace : std::uint8_t { hidden, pooler, classifier };

/// The arguments of disentangled attention. Rows of query and key may differ: the mask decoder asks for few
/// queries.
template <class O>
struct AttentionInput {
  const typename O::Tensor& query;  ///< [query_rows, heads * head_size]
  const typename O::Tensor& key;    ///< [key_rows, heads * head_size]
  const typename O::Tensor& value;  ///< [key_rows, heads * head_size]
  const PositionProjections<O>& positions;
  const RelativeRows& relative;
  const Rows& query_rows;
  const Rows& key_rows;
  std::int64_t heads;
  double scale;  ///< 1 / sqrt(head_size * score_terms)
};

/// One layer of an encoder: (x, the layer's position projections) -> y. It outlives the run, since gradients
/// may be computed by running it again.
template <class O>
using Segment = std::function<typename O::Tensor(const typename O::Tensor&, const PositionProjections<O>&)>;

/// What the mathematics needs of a backend: coarse operations, so that one may fuse and another
/// differentiate. Tensors are [rows, columns]; sequences are packed (Rows), no padding.
template <class O>
concept Ops = requires(O& o, const typename O::Tensor& x, typename O::Tensor moved,
                       const typename O::Table& table, const typename O::Vector& vector,
                       const Linear<O>& linear, const LayerNorm<O>& norm,
                       const ConvolutionWeights<O>& convolution, std::span<const std::int32_t> indexes,
                       const Convolution& shape, Activation activation, const Rows& rows,
                       const AttentionInput<O>& attention, std::int64_t heads, PositionTerm term,
                       DropoutPlace place, const PositionProjections<O>& positions, Segment<O> segment) {
  { o.gather(table, indexes) } -> std::same_as<typename O::Tensor>;         // rows of a table
  { o.select(x, indexes) } -> std::same_as<typename O::Tensor>;             // rows of an activation
  { o.add(std::move(moved), x) } -> std::same_as<typename O::Tensor>;       // elementwise
  { o.linear(x, linear) } -> std::same_as<typename O::Tensor>;              // x W^T + b
  { o.linear(x, linear, activation) } -> std::same_as<typename O::Tensor>;  // act(x W^T + b)
  // The same for a layer that only products read, so that it may be in their type.
  { o.inner_linear(x, linear, activation) } -> std::same_as<typename O::Tensor>;
  // LN(dropout(x W^T + b) + residual)
  { o.linear_norm(x, linear, x, norm) } -> std::same_as<typename O::Tensor>;
  { o.norm(std::move(moved), norm) } -> std::same_as<typename O::Tensor>;  // layer norm of each row
  {
    o.convolve(x, convolution, shape, rows)
    } -> std::same_as<typename O::Tensor>;  // act(dropout(conv(x))), per sequence
  {
    o.positions(x, heads, term)
    } -> std::same_as<typename O::Positions>;  // projected table -> attention's form
  // softmax(S), dropped out in training, times V: [query_rows, heads * head_size]
  { o.attention(attention) } -> std::same_as<typename O::Tensor>;
  // segment(x, positions)
  { o.run_segment(x, positions, segment) } -> std::same_as<typename O::Tensor>;
  // Some elements zero, the others scaled; at inference x itself.
  { o.dropout(x, place) } -> std::convertible_to<const typename O::Tensor&>;
  { o.dropout(std::move(moved), place) } -> std::same_as<typename O::Tensor>;
  // Adversarial training changes embeddings here, before their norm; at inference x itself.
  { o.perturb(std::move(moved)) } -> std::same_as<typename O::Tensor>;
  { o.tied_logits(x, table, vector) } -> std::same_as<typename O::Tensor>;  // x E^T + b: [rows, vocabulary]
};

}  // namespace berta::model
