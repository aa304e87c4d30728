#pragma once

#include <cstddef>
#include <vector>

#include "tokenizer/template.h"
#include "tokenizer/tokenizer.h"

namespace berta::tokenizer {

/// Cuts the ranges so that both together hold at most `budget` tokens (truncate_encodings of tokenizers
/// 0.22.2). True if anything was cut. Throws UserError: `error` and they do not fit; the text that is to be
/// cut is too short or missing.
bool truncate(TokenRange& first, TokenRange& second, std::size_t budget, Truncation how);

/// The windows of `length` tokens over `whole`, each `stride` tokens back into the one before; the last one
/// ends with it. One window if it fits. Throws UserError if a window is not longer than the stride.
std::vector<TokenRange> windows(const TokenRange& whole, std::size_t length, std::size_t stride);

}  // namespace berta::tokenizer
