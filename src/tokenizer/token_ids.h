#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.h"
#include "tokenizer/pipeline.h"
#include "tokenizer/quoted.h"

namespace berta::tokenizer {

/// Ids by name among the added tokens and the vocabulary of a pipeline that is being made.
class TokenIds {
 public:
  /// Both live longer than this. `file` begins the errors.
  TokenIds(const PipelineParts& parts, const std::string& file) : parts_(parts), file_(file) {}

  std::optional<std::int32_t> find(std::string_view name) const {
    for (const AddedToken& token : parts_.added_tokens) {
      if (token.content == name) return token.id;
    }
    return parts_.model->id(name);
  }

  /// Throws UserError if there is no such token.
  std::int32_t at(std::string_view name) const {
    if (const auto id = find(name)) return *id;
    throw UserError(
        fmt::format("{}: expected the special token {}, found no such token", file_, quoted(name)));
  }

  /// Largest id + 1.
  std::int32_t end() const {
    std::int32_t last = parts_.model->size();
    for (const AddedToken& token : parts_.added_tokens) last = std::max(last, token.id + 1);
    return last;
  }

 private:
  const PipelineParts& parts_;
  const std::string& file_;
};

}  // namespace berta::tokenizer
