#include "infer/engine.h"

namespace berta::infer {
namespace {

[[noreturn]] void refuse(std::size_t sequence, const std::string& what) {
  throw UserError("sequence " + std::to_string(sequence) + ": " + what);
}

void check_range(std::span<const std::int32_t> values, std::int64_t limit, std::size_t sequence,
                 const char* what) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] < 0 || values[i] >= limit) {
      refuse(sequence, std::string(what) + " " + std::to_string(values[i]) + " at position " +
                           std::to_string(i) + ": expected 0 to " + std::to_string(limit - 1));
    }
  }
}

void append_types(const Sequence& sequence, const model::Config& config, std::size_t index,
                  model::Tokens& tokens) {
  if (sequence.types.empty()) {
    tokens.types.insert(tokens.types.end(), sequence.ids.size(), 0);
    return;
  }
  if (sequence.types.size() != sequence.ids.size()) {
    refuse(index, "expected as many token types as ids, " + std::to_string(sequence.ids.size()) + ", found " +
                      std::to_string(sequence.types.size()));
  }
  if (config.embeddings.token_types > 0) {
    check_range(sequence.types, config.embeddings.token_types, index, "token type");
  }
  tokens.types.insert(tokens.types.end(), sequence.types.begin(), sequence.types.end());
}

}  // namespace

Packed pack(std::span<const Sequence> batch, const model::Config& config, std::int64_t max_length) {
  Packed packed;
  for (std::size_t s = 0; s < batch.size(); ++s) {
    const Sequence& sequence = batch[s];
    const auto length = static_cast<std::int64_t>(sequence.ids.size());
    if (length == 0) refuse(s, "expected at least one id, found none");
    if (max_length > 0 && length > max_length) {
      refuse(s, "expected at most " + std::to_string(max_length) +
                    " ids, the rows of the position table, found " + std::to_string(length));
    }
    check_range(sequence.ids, config.embeddings.vocabulary, s, "id");
    append_types(sequence, config, s, packed.tokens);
    packed.tokens.ids.insert(packed.tokens.ids.end(), sequence.ids.begin(), sequence.ids.end());
    const std::int32_t first = packed.tokens.rows.starts.back();
    packed.tokens.rows.append(static_cast<std::int32_t>(length));
    if (sequence.all_positions) {
      packed.picked.append(static_cast<std::int32_t>(length));
    } else {
      check_range(sequence.mask_positions, length, s, "mask position");
      packed.picked.append(sequence.mask_positions);
    }
    for (const std::int32_t position : packed.picked.positions_of(s))
      packed.picked_rows.push_back(first + position);
  }
  return packed;
}

}  // namespace berta::infer
