#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/tensor_view.h"
#include "model/config.h"
#include "model/weights.h"

namespace berta::model {

/// Which part of a checkpoint's tensor a parameter is.
enum class Part : std::uint8_t {
  whole,
  query_rows,  ///< V1's in_proj: rows are interleaved per head, [heads, 3, head_size, hidden_size]
  key_rows,
  value_rows,
  zero,  ///< the tensor's presence means that this parameter is zero (V1 has no bias on keys)
};

/// One place where a parameter may lie.
struct Source {
  std::string name;
  Part part = Part::whole;
};

/// A parameter's names in every checkpoint dialect, in order of preference, and its shape.
/// An extent of -1 is taken from the tensor (rows of the word table may exceed vocab_size).
struct Parameter {
  std::vector<Source> sources;
  Shape shape;
};

/// Heads that a checkpoint has; the optional weights of that shape are made before they are visited.
struct HeadShape {
  bool pooler = false;
  bool token_projection = false;
  bool classifier = false;
  bool answer = false;
  bool language_model = false;
  bool microsoft_language_model =
      false;                            ///< named lm_predictions.lm_head, the one that the mask decoder feeds
  bool language_model_decoder = false;  ///< an own, untied output table
  bool replaced_token = false;
};

/// Prefixes of the names in one checkpoint: "deberta." of the backbone, "" (or "module.") of the heads.
struct NamePrefix {
  std::string backbone;
  std::string heads;
};

/// Lists every parameter once: calls visit(parameter_of_O&, Parameter). Load, count and inspect use it.
template <class O, class Visit>
class ParameterVisitor {
 public:
  ParameterVisitor(const Config& config, NamePrefix prefix, Visit visit)
      : config_(config), prefix_(std::move(prefix)), visit_(std::move(visit)) {}

  void encoder(EncoderWeights<O>& w, bool with_positions);
  void heads(HeadWeights<O>& w, const HeadShape& shape);

 private:
  using Names = std::vector<std::string>;

  void embeddings(EmbeddingWeights<O>& w, bool with_positions);
  void layer(LayerWeights<O>& w, const std::string& name);
  void attention(AttentionWeights<O>& w, const std::string& self);
  void language_model(LanguageModelHead<O>& w, bool with_decoder);

  /// `names`: "query_proj" -> NAME.weight [out, in] and NAME.bias [out].
  void linear(Linear<O>& w, const Names& names, std::int64_t out, std::int64_t in) {
    matrix(w.weight, names, out, in);
    w.bias.emplace();
    visit_(*w.bias, Parameter{suffixed(names, ".bias"), {out}});
  }
  void matrix(typename O::Matrix& weight, const Names& names, std::int64_t out, std::int64_t in) {
    visit_(weight, Parameter{suffixed(names, ".weight"), {out, in}});
  }
  /// Old BERT files say gamma and beta.
  void norm(LayerNorm<O>& w, const Names& names, std::int64_t size) {
    auto weight = suffixed(names, ".weight");
    auto bias = suffixed(names, ".bias");
    for (const auto& name : names) weight.push_back({name + ".gamma"}), bias.push_back({name + ".beta"});
    visit_(w.weight, Parameter{std::move(weight), {size}});
    visit_(w.bias, Parameter{std::move(bias), {size}});
    w.epsilon = config_.norm_epsilon;
  }

  static std::vector<Source> suffixed(const Names& names, const char* suffix) {
    std::vector<Source> sources;
    for (const auto& name : names) sources.push_back({name + suffix});
    return sources;
  }
  static std::vector<Source> with(std::vector<Source> sources, std::vector<Source> more) {
    sources.insert(sources.end(), more.begin(), more.end());
    return sources;
  }

  const Config& config_;
  NamePrefix prefix_;
  Visit visit_;
};

template <class O, class Visit>
void ParameterVisitor<O, Visit>::embeddings(EmbeddingWeights<O>& w, bool with_positions) {
  const std::string at = prefix_.backbone + "embeddings.";
  const std::int64_t size = config_.embeddings.size;
  // `_weight` alone: a file of gradient-disentangled training that holds only the difference table
  // (deberta.md 1.10).
  visit_(w.word, Parameter{{{at + "word_embeddings.weight"}, {at + "word_embeddings._weight"}}, {-1, size}});
  if (with_positions) {
    w.position.emplace();
    visit_(*w.position, Parameter{{{at + "position_embeddings.weight"}, {at + "position_embeddings._weight"}},
                                  {-1, size}});
  }
  if (config_.embeddings.token_types > 0) {
    w.token_type.emplace();
    visit_(*w.token_type,
           Parameter{{{at + "token_type_embeddings.weight"}}, {config_.embeddings.token_types, size}});
  }
  if (size != config_.hidden_size) {
    w.projection.emplace();
    matrix(w.projection->weight, {at + "embed_proj"}, config_.hidden_size, size);
  }
  norm(w.norm, {at + "LayerNorm"}, config_.hidden_size);
}

template <class O, class Visit>
void ParameterVisitor<O, Visit>::attention(AttentionWeights<O>& w, const std::string& self) {
  const std::int64_t out = config_.attention_size();
  const std::int64_t in = config_.hidden_size;
  const std::string v1 = self + "in_proj.weight";
  const auto content = [&](Linear<O>& linear, const std::string& name, Part rows, Source v1_bias) {
    const Names names{self + name + "_proj", self + name};  // BERT: query, key, value
    visit_(linear.weight, Parameter{with(suffixed(names, ".weight"), {{v1, rows}}), {out, in}});
    linear.bias.emplace();
    visit_(*linear.bias, Parameter{with(suffixed(names, ".bias"), {std::move(v1_bias)}), {out}});
  };
  content(w.query, "query", Part::query_rows, {self + "q_bias"});
  content(w.key, "key", Part::key_rows, {v1, Part::zero});
  content(w.value, "value", Part::value_rows, {self + "v_bias"});
  if (config_.relative.share_keys) return;
  if (config_.relative.content_to_position) {
    auto& key = w.position_key.emplace();
    matrix(key.weight, {self + "pos_key_proj", self + "pos_proj"}, out, in);
    key.bias.emplace();
    visit_(*key.bias,
           Parameter{{{self + "pos_key_proj.bias"}, {self + "pos_proj.weight", Part::zero}}, {out}});
  }
  if (config_.relative.position_to_content) {
    linear(w.position_query.emplace(), {self + "pos_query_proj", self + "pos_q_proj"}, out, in);
  }
}

template <class O, class Visit>
void ParameterVisitor<O, Visit>::layer(LayerWeights<O>& w, const std::string& name) {
  const std::int64_t hidden = config_.hidden_size;
  attention(w.attention, name + "attention.self.");
  linear(w.attention.output, {name + "attention.output.dense"}, hidden, config_.attention_size());
  norm(w.attention.norm, {name + "attention.output.LayerNorm"}, hidden);
  linear(w.intermediate, {name + "intermediate.dense"}, config_.intermediate_size, hidden);
  linear(w.output, {name + "output.dense"}, hidden, config_.intermediate_size);
  norm(w.norm, {name + "output.LayerNorm"}, hidden);
}

template <class O, class Visit>
void ParameterVisitor<O, Visit>::encoder(EncoderWeights<O>& w, bool with_positions) {
  const std::string at = prefix_.backbone + "encoder.";
  const std::int64_t hidden = config_.hidden_size;
  embeddings(w.embeddings, with_positions);
  if (config_.relative.enabled()) {
    visit_(w.relative.emplace(),
           Parameter{{{at + "rel_embeddings.weight"}}, {2 * config_.relative.span(), hidden}});
    if (config_.relative.normalise_table) norm(w.relative_norm.emplace(), {at + "LayerNorm"}, hidden);
  }
  if (const Convolution& shape = config_.convolution; shape.kernel > 0) {
    auto& convolution = w.convolution.emplace();
    visit_(convolution.weight,
           Parameter{{{at + "conv.conv.weight"}}, {hidden, hidden / shape.groups, shape.kernel}});
    visit_(convolution.bias, Parameter{{{at + "conv.conv.bias"}}, {hidden}});
    norm(convolution.norm, {at + "conv.LayerNorm"}, hidden);
  }
  w.layers.resize(static_cast<std::size_t>(config_.layers));
  for (std::size_t i = 0; i < w.layers.size(); ++i)
    layer(w.layers[i], at + "layer." + std::to_string(i) + ".");
}

template <class O, class Visit>
void ParameterVisitor<O, Visit>::language_model(LanguageModelHead<O>& w, bool with_decoder) {
  const std::string microsoft = prefix_.heads + "lm_predictions.lm_head.";
  const std::string legacy = prefix_.heads + "cls.predictions.";
  const std::int64_t size = config_.embeddings.size;
  linear(w.dense, {microsoft + "dense", legacy + "transform.dense"}, size, config_.hidden_size);
  norm(w.norm, {microsoft + "LayerNorm", legacy + "transform.LayerNorm"}, size);
  visit_(w.bias, Parameter{{{microsoft + "bias"}, {legacy + "bias"}, {legacy + "decoder.bias"}}, {-1}});
  if (with_decoder) visit_(w.decoder.emplace(), Parameter{{{legacy + "decoder.weight"}}, {-1, size}});
}

template <class O, class Visit>
void ParameterVisitor<O, Visit>::heads(HeadWeights<O>& w, const HeadShape& shape) {
  const std::string& at = prefix_.heads;
  const std::int64_t hidden = config_.hidden_size;
  const std::int64_t pooled = config_.pooler_size;
  if (shape.pooler) {  // BERT's lies in the backbone
    linear(w.pooler.emplace(), {at + "pooler.dense", prefix_.backbone + "pooler.dense"}, pooled, hidden);
  }
  if (shape.token_projection) linear(w.token_projection.emplace(), {at + "proj"}, hidden, hidden);
  if (shape.classifier) {
    linear(w.classifier.emplace(), {at + "classifier"}, config_.labels, shape.pooler ? pooled : hidden);
  }
  if (shape.answer) linear(w.answer.emplace(), {at + "qa_outputs"}, 2, hidden);
  if (shape.language_model) language_model(w.language_model.emplace(), shape.language_model_decoder);
  if (shape.replaced_token) {
    auto& head = w.replaced_token.emplace();
    linear(head.dense, {at + "mask_predictions.dense"}, hidden, hidden);
    norm(head.norm, {at + "mask_predictions.LayerNorm"}, hidden);
    linear(head.classifier, {at + "mask_predictions.classifier"}, 1, hidden);
  }
}

}  // namespace berta::model
