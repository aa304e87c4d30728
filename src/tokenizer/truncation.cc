#include "tokenizer/truncation.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/error.h"

namespace berta::tokenizer {
namespace {

void shorten(TokenRange& range, std::size_t size, bool at_begin) {
  if (size >= range.size()) return;
  if (at_begin)
    range.begin = range.end - size;
  else
    range.end = range.begin + size;
}

/// Only the longer text is cut as long as that suffices, else both get half (the second the odd one more).
void cut_longest(TokenRange& first, TokenRange& second, std::size_t budget, bool at_begin) {
  if (second.tokens == nullptr) return shorten(first, budget, at_begin);
  std::size_t shorter = first.size(), longer = second.size();
  const bool swapped = shorter > longer;
  if (swapped) std::swap(shorter, longer);
  longer = shorter > budget ? shorter : std::max(shorter, budget - shorter);
  if (shorter + longer > budget) {
    shorter = budget / 2;
    longer = shorter + budget % 2;
  }
  if (swapped) std::swap(shorter, longer);
  shorten(first, shorter, at_begin);
  shorten(second, longer, at_begin);
}

void cut_one(TokenRange& range, std::size_t remove, std::size_t budget, const char* which) {
  if (range.tokens == nullptr)
    throw UserError(std::string("truncation: expected a ") + which + " text to cut, found none");
  if (range.size() <= remove)
    throw UserError(std::string("truncation: the ") + which + " text has " + std::to_string(range.size()) +
                    " tokens, too few to cut " + std::to_string(remove) + " so that both fit into " +
                    std::to_string(budget));
  shorten(range, range.size() - remove, false);
}

}  // namespace

bool truncate(TokenRange& first, TokenRange& second, std::size_t budget, Truncation how) {
  const std::size_t total = first.size() + second.size();
  if (total <= budget) return false;
  if (how == Truncation::error)
    throw UserError("the text has " + std::to_string(total) + " tokens, more than the " +
                    std::to_string(budget) + " that the maximal length leaves");
  if (budget == 0) {
    first.end = first.begin;
    second.end = second.begin;
  } else if (how == Truncation::only_first) {
    cut_one(first, total - budget, budget, "first");
  } else if (how == Truncation::only_second) {
    cut_one(second, total - budget, budget, "second");
  } else {
    cut_longest(first, second, budget, how == Truncation::head);
  }
  return true;
}

std::vector<TokenRange> windows(const TokenRange& whole, std::size_t length, std::size_t stride) {
  if (whole.size() <= length) return {whole};
  if (stride >= length)
    throw UserError("windows: expected a stride below the " + std::to_string(length) +
                    " tokens that fit into a window, found " + std::to_string(stride));
  std::vector<TokenRange> out;
  for (std::size_t begin = whole.begin;; begin += length - stride) {
    const std::size_t end = std::min(begin + length, whole.end);
    out.push_back({whole.tokens, begin, end});
    if (end == whole.end) return out;
  }
}

}  // namespace berta::tokenizer
