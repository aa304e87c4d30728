#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/activation.h"

namespace berta::model {

/// What happens to relative distances at and beyond `max_position` where buckets are used (deberta.md 1.3).
enum class Saturation : std::uint8_t {
  hf,  ///< bucket, then clamp: far "key after query" distances read row 0, which training up to 512 never
       ///< touched
  ms,  ///< clamp the distance to max_position - 1 first, as Microsoft's code since 2023: row 0 is never read
};

/// The relative part of attention. V1, V2, V3 and BERT differ in these values only.
struct RelativeAttention {
  bool content_to_position = false;
  bool position_to_content = false;
  bool share_keys = false;          ///< position keys and queries through the content projections (V2, V3)
  bool normalise_table = false;     ///< norm_rel_ebd = layer_norm
  std::int64_t buckets = 0;         ///< 0: no buckets, the distance itself
  std::int64_t max_position = 512;  ///< distance at which everything saturates
  Saturation saturation = Saturation::hf;

  bool enabled() const { return content_to_position || position_to_content; }
  /// Half the rows of the relative table.
  std::int64_t span() const { return buckets > 0 ? buckets : max_position; }
};

/// V2's convolution beside the first layer ("nGiE"); kernel 0: none.
struct Convolution {
  std::int64_t kernel = 0;
  std::int64_t groups = 1;
  Activation activation = Activation::tanh;
};

/// Which of the encoder's inputs exist.
struct Embeddings {
  std::int64_t vocabulary = 0;  ///< rows of the word table (taken from the tensor: it may exceed the config)
  std::int64_t size = 0;        ///< columns; differs from hidden_size only with a projection
  std::int64_t max_positions = 0;  ///< rows of the absolute position table
  std::int64_t token_types = 0;    ///< 0: token types are ignored
  bool add_positions = false;      ///< position_biased_input
};

/// One typed description of an encoder and its heads, resolved once at load. Nothing deeper in the code asks
/// for a version: V1, V2, V3, mDeBERTa and BERT are values of these fields.
struct Config {
  std::int64_t hidden_size = 0;
  std::int64_t layers = 0;
  std::int64_t heads = 0;
  std::int64_t head_size = 0;
  std::int64_t intermediate_size = 0;
  Activation activation = Activation::gelu;
  double norm_epsilon = 1e-7;
  int score_terms = 1;  ///< f of 1/sqrt(d f): 1 + number of position terms that the config names
  Embeddings embeddings;
  RelativeAttention relative;
  Convolution convolution;
  Activation pooler_activation = Activation::gelu;
  std::int64_t pooler_size = 0;
  std::int64_t labels = 0;  ///< rows of the classifier

  std::int64_t attention_size() const { return heads * head_size; }
};

}  // namespace berta::model
