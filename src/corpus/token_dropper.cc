#include "corpus/token_dropper.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/random.h"
#include "corpus/purposes.h"

namespace berta::corpus {

TokenDropper::TokenDropper(const DropOptions& options)
    : options_(options), stream_seed_(seed_for(options.seed, kTokenDrop)) {
  if (!(options.rate >= 0 && options.rate < 1))
    throw UserError(
        fmt::format("token dropping: expected a rate of 0 to less than 1, found {}", options.rate));
}

std::size_t TokenDropper::dropped(std::size_t inner) const {
  return static_cast<std::size_t>(options_.rate * static_cast<double>(inner));
}

std::size_t TokenDropper::kept_length(std::size_t length) const {
  constexpr std::size_t kEnds = 2;  // [CLS] and [SEP]
  return length <= kEnds ? length : length - dropped(length - kEnds);
}

std::vector<std::int32_t> TokenDropper::kept(const MaskedSequence& sequence, std::uint64_t index) const {
  const auto is_end = [&](std::int32_t id) { return id == options_.cls || id == options_.sep; };
  // Before masks were put: a random id that took a token's place may be any.
  std::vector<bool> may_go(sequence.ids.size());
  for (std::size_t i = 0; i < may_go.size(); ++i) may_go[i] = !is_end(sequence.ids[i]);
  for (std::size_t i = 0; i < sequence.positions.size(); ++i) may_go[sequence.positions[i]] = true;

  auto left = static_cast<std::size_t>(std::count(may_go.begin(), may_go.end(), true));
  std::size_t to_drop = dropped(left);
  std::size_t gaps = sequence.positions.size();  // that are not dropped, those to come counted
  auto gap = sequence.positions.begin();
  CounterStream random(stream_seed_, index);
  std::vector<std::int32_t> kept;
  kept.reserve(sequence.ids.size());
  for (std::size_t i = 0; i < may_go.size(); ++i) {
    const bool is_gap = gap != sequence.positions.end() && *gap == i;
    gap += is_gap ? 1 : 0;
    if (may_go[i]) {
      // Each choice of as many as there are to drop, of those that are left, is equally likely.
      const bool drawn = random.below(left--) < to_drop;
      to_drop -= drawn ? 1 : 0;
      if (drawn && !(is_gap && gaps == 1)) {
        gaps -= is_gap ? 1 : 0;
        continue;
      }
    }
    kept.push_back(static_cast<std::int32_t>(i));
  }
  return kept;
}

}  // namespace berta::corpus
