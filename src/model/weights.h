#pragma once

#include <optional>
#include <vector>

#include "model/activation.h"
#include "model/config.h"

namespace berta::model {

// Parameters of a model over an `Ops` O: O::Matrix [out, in] for products, O::Vector for biases and norms,
// O::Table [rows, columns] for what is looked up by row. The names in checkpoints stand in parameters.h.

template <class O>
struct Linear {
  typename O::Matrix weight;
  std::optional<typename O::Vector> bias;
};

template <class O>
struct LayerNorm {
  typename O::Vector weight;
  typename O::Vector bias;
  double epsilon = 1e-7;
};

template <class O>
struct EmbeddingWeights {
  typename O::Table word;                       // [vocabulary, size]
  std::optional<typename O::Table> position;    // [max_positions, size]; also kept for the mask decoder
  std::optional<typename O::Table> token_type;  // [token_types, size]
  std::optional<Linear<O>> projection;          // size -> hidden_size, no bias
  LayerNorm<O> norm;
};

template <class O>
struct AttentionWeights {
  Linear<O> query, key, value;            // hidden_size -> heads * head_size
  std::optional<Linear<O>> position_key;  // own projections where they are not shared
  std::optional<Linear<O>> position_query;
  Linear<O> output;
  LayerNorm<O> norm;
};

template <class O>
struct LayerWeights {
  AttentionWeights<O> attention;
  Linear<O> intermediate;  // hidden_size -> intermediate_size
  Linear<O> output;        // intermediate_size -> hidden_size
  LayerNorm<O> norm;
};

template <class O>
struct ConvolutionWeights {
  typename O::Kernel weight;  // [hidden_size, hidden_size / groups, kernel]
  typename O::Vector bias;
  LayerNorm<O> norm;
};

template <class O>
struct EncoderWeights {
  EmbeddingWeights<O> embeddings;
  std::optional<typename O::Table> relative;  // [2 span, hidden_size]
  std::optional<LayerNorm<O>> relative_norm;
  std::optional<ConvolutionWeights<O>> convolution;
  std::vector<LayerWeights<O>> layers;
};

/// Masked-language-model head: LN(act(W z + b)) E_word^T + bias.
template <class O>
struct LanguageModelHead {
  Linear<O> dense;
  LayerNorm<O> norm;
  typename O::Vector bias;                   // [vocabulary]
  std::optional<typename O::Table> decoder;  // an own output table; without it the word embedding
};

/// Replaced-token-detection head (`mask_predictions`).
template <class O>
struct ReplacedTokenHead {
  Linear<O> dense;
  LayerNorm<O> norm;
  Linear<O> classifier;  // hidden_size -> 1
};

/// The heads of a checkpoint; those present are what its tensors say.
template <class O>
struct HeadWeights {
  std::optional<Linear<O>> pooler;
  std::optional<Linear<O>>
      token_projection;                 // Microsoft's NER has one more D x D layer before the classifier
  std::optional<Linear<O>> classifier;  // sequence, token or (one row) choice classification
  std::optional<Linear<O>> answer;      // qa_outputs
  std::optional<LanguageModelHead<O>> language_model;
  std::optional<ReplacedTokenHead<O>> replaced_token;
};

template <class O>
struct ModelWeights {
  EncoderWeights<O> encoder;
  HeadWeights<O> heads;
};

}  // namespace berta::model
