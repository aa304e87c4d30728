#pragma once

#include <algorithm>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "core/error.h"
#include "infer/engine_weights.h"
#include "infer/model.h"
#include "model/heads.h"
#include "model/mask_decoder.h"

namespace berta::infer {

/// Sequences packed behind one another, and the rows that the language model head is asked for.
struct Packed {
  model::Tokens tokens;
  model::Rows picked;                     // asked rows by sequence, at their positions
  std::vector<std::int32_t> picked_rows;  // their indexes into tokens
};
Packed pack(std::span<const Sequence> batch, const model::Config& config, std::int64_t max_length);

/// Runs a packed batch through encoder and head.
template <model::Ops O>
class Engine {
 public:
  Engine(O& ops, const EngineWeights<O>& loaded, const model::Config& config)
      : ops_(ops), loaded_(loaded), config_(config) {}

  std::vector<Output> run(const Packed& packed, const Request& request, Head head, bool enhanced) {
    const model::Rows& rows = packed.tokens.rows;
    std::vector<Output> outputs(rows.sequences());
    relative_ = relative_rows(rows);
    const model::Context context{config_, relative_, rows, rows};
    const auto& encoder = loaded_.weights.encoder;
    model::LayerObserver<O> observe;
    if (request.hidden_states) {
      observe = [&](std::int64_t, const typename O::Tensor& x) {
        scatter(x, rows, outputs,
                [](Output& output) -> Matrix& { return output.hidden_states.emplace_back(); });
      };
    }
    const auto encoded = model::encode(ops_, encoder, loaded_.positions, context, packed.tokens, observe);
    if (request.last_hidden_state) {
      scatter(encoded.last, rows, outputs,
              [](Output& output) -> Matrix& { return output.last_hidden_state; });
    }
    if (head == Head::mlm) {
      scatter(mask_logits(packed, encoded, enhanced), packed.picked, outputs, logits_of);
    } else if (head == Head::classification || head == Head::choice) {
      model::Rows one;
      for (std::size_t s = 0; s < rows.sequences(); ++s) one.append(1);
      const auto first = ops_.select(encoded.last, model::first_rows(rows));
      scatter(model::classify_sequences(ops_, loaded_.weights.heads, config_, first), one, outputs,
              logits_of);
    } else if (head != Head::none) {
      scatter(row_logits(head, encoded.last, rows), rows, outputs, logits_of);
    }
    return outputs;
  }

 private:
  using Tensor = typename O::Tensor;

  static Matrix& logits_of(Output& output) { return output.logits; }

  model::RelativeRows relative_rows(const model::Rows& rows) const {
    std::int64_t longest = 1;
    for (std::size_t s = 0; s < rows.sequences(); ++s)
      longest = std::max<std::int64_t>(longest, rows.length(s));
    if (!config_.relative.enabled()) return {};
    return {config_.relative, longest};
  }

  Tensor row_logits(Head head, const Tensor& h, const model::Rows& rows) {
    const auto& heads = loaded_.weights.heads;
    if (head == Head::token) return model::classify_tokens(ops_, heads, h);
    if (head == Head::qa) return ops_.linear(h, *heads.answer);
    return model::replaced_token_logits(ops_, *heads.replaced_token, config_.activation, h, rows);
  }

  Tensor mask_logits(const Packed& packed, const model::Encoded<O>& encoded, bool enhanced) {
    const auto& encoder = loaded_.weights.encoder;
    const model::Context context{config_, relative_, packed.picked, packed.tokens.rows};
    const auto z = enhanced ? model::decode_masked(ops_, encoder, loaded_.positions.back(), context,
                                                   encoded.before_last, packed.picked_rows)
                            : ops_.select(encoded.last, packed.picked_rows);
    return model::language_model_logits(ops_, *loaded_.weights.heads.language_model, encoder.embeddings.word,
                                        config_.activation, z);
  }

  /// Gives each sequence its rows of x.
  template <class Place>
  void scatter(const Tensor& x, const model::Rows& rows, std::vector<Output>& outputs,
               const Place& place) const {
    const std::vector<float> data = ops_.to_float(x);
    const std::int64_t columns =
        rows.count() == 0 ? 0 : static_cast<std::int64_t>(data.size() / rows.count());
    for (std::size_t s = 0; s < outputs.size(); ++s) {
      Matrix& matrix = place(outputs[s]);
      matrix.rows = rows.length(s);
      matrix.columns = columns;
      const auto begin = data.begin() + rows.starts[s] * columns;
      matrix.data.assign(begin, begin + matrix.rows * columns);
    }
  }

  O& ops_;
  const EngineWeights<O>& loaded_;
  const model::Config& config_;
  model::RelativeRows relative_;
};

}  // namespace berta::infer
