#include "train/heads/examples.h"

#include <string>

#include "core/error.h"

namespace berta::train {

Batch make_batch(Examples examples, const model::Config& config) {
  Batch batch;
  for (const Example* example : examples) {
    for (const infer::Sequence& sequence : example->sequences) {
      for (const std::int32_t id : sequence.ids) {
        if (id < 0 || id >= config.embeddings.vocabulary) {
          throw UserError("the tokenizer gave id " + std::to_string(id) + ", expected 0 to " +
                          std::to_string(config.embeddings.vocabulary - 1) +
                          ", the rows of the model's word embedding");
        }
      }
      model::Tokens& tokens = batch.tokens;
      tokens.ids.insert(tokens.ids.end(), sequence.ids.begin(), sequence.ids.end());
      tokens.types.insert(tokens.types.end(), sequence.types.begin(), sequence.types.end());
      tokens.types.resize(tokens.ids.size());
      tokens.rows.append(static_cast<std::int32_t>(sequence.ids.size()));
    }
  }
  return batch;
}

}  // namespace berta::train
