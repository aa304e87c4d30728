#include "corpus/ngram_masker.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "core/error.h"
#include "core/random.h"
#include "corpus/purposes.h"

namespace berta::corpus {
namespace {

constexpr double kLeastRate = 1e-4;
constexpr int kMostNgram = 1000;
constexpr std::size_t kMostLength = std::size_t{1} << 30;

/// Python's round(): the half to the even one.
std::size_t round_half_even(double x) {
  const double below = std::floor(x);
  const auto whole = static_cast<std::size_t>(below);
  if (x - below == 0.5) return whole + whole % 2;
  return whole + (x - below > 0.5 ? 1 : 0);
}

void check(const MaskOptions& o) {
  const auto expect = [](bool good, const char* what, auto found) {
    if (!good) throw UserError(fmt::format("masking: expected {}, found {}", what, found));
  };
  expect(o.mask_rate >= kLeastRate && o.mask_rate <= 1, "a mask rate of 0.0001 to 1", o.mask_rate);
  expect(o.max_ngram >= 1 && o.max_ngram <= kMostNgram, "spans of 1 to 1000 words", o.max_ngram);
  expect(o.keep >= 0 && o.random >= 0 && o.keep + o.random <= 1, "kept and random parts of at most 1",
         o.keep + o.random);
  expect(o.max_length >= 1 && o.max_length <= kMostLength, "a length of 1 to 2^30", o.max_length);
}

/// The same arithmetic as math.ceil(max_seq_len * mask_lm_prob / 10) * 10.
std::size_t cap_of(const MaskOptions& o) {
  if (o.max_predictions > 0) return o.max_predictions;
  return static_cast<std::size_t>(std::ceil(static_cast<double>(o.max_length) * o.mask_rate / 10)) * 10;
}

}  // namespace

NgramMasker::NgramMasker(PieceFacts facts, const MaskOptions& options)
    : facts_(std::move(facts)), options_(options), stream_seed_(seed_for(options.seed, kMask)) {
  check(options_);
  options_.max_predictions = cap_of(options_);
  window_ = static_cast<std::size_t>(1 / options_.mask_rate);
  double sum = 0;
  for (int n = 1; n <= options_.max_ngram; ++n) up_to_.push_back(sum += 1.0 / n);
  for (double& p : up_to_) p /= sum;
}

/// The marked spans, drawn as the units come: nothing is kept of those behind or ahead.
class NgramMasker::Spans {
 public:
  Spans(const NgramMasker& masker, std::size_t units, CounterStream& random)
      : masker_(masker), units_(units), random_(random) {}

  /// Whether a unit is marked; units are asked for in order, each once.
  bool marks(std::size_t unit) {
    if (unit == next_) draw();
    return unit >= begin_ && unit < end_;
  }

 private:
  void draw() {
    const auto& up_to = masker_.up_to_;
    const double drawn = random_.uniform();
    const auto place = std::upper_bound(up_to.begin(), up_to.end() - 1, drawn) - up_to.begin();
    const std::size_t n = static_cast<std::size_t>(place) + 1;
    const std::size_t window = std::min(n * masker_.window_, units_ - next_);
    begin_ = next_ + random_.below(window);
    end_ = std::min(begin_ + n, units_);
    next_ = std::max(next_ + window, end_);
  }

  const NgramMasker& masker_;
  std::size_t units_;
  CounterStream& random_;
  std::size_t begin_ = 0, end_ = 0;  ///< of the span in the window of now
  std::size_t next_ = 0;             ///< unit where the next window begins
};

std::size_t NgramMasker::wanted(std::size_t length) const {
  const std::size_t rounded = round_half_even(static_cast<double>(length) * options_.mask_rate);
  return std::min(options_.max_predictions, std::max<std::size_t>(1, rounded));
}

/// Also checks the ids.
std::size_t NgramMasker::count_units(std::span<const std::int32_t> ids) const {
  std::size_t units = 0;
  for (const std::int32_t id : ids) {
    if (!facts_.contains(id)) {
      throw UserError(fmt::format("id {}: expected ids below {}", id, facts_.size()));
    }
    if (facts_.is_special(id)) continue;
    const bool joins = options_.max_ngram > 1 && units > 0 && facts_.continues_word(id);
    units += !joins;
  }
  return units;
}

void NgramMasker::mask(std::span<const std::int32_t> ids, std::uint64_t index, MaskedSequence& out) const {
  const std::size_t units = count_units(ids);
  out.ids.assign(ids.begin(), ids.end());
  out.positions.clear();
  out.originals.clear();
  CounterStream random(stream_seed_, index);
  Spans spans(*this, units, random);
  const std::size_t enough = wanted(ids.size());
  const double masked = 1 - options_.keep - options_.random;
  const double masked_or_kept = 1 - options_.random;
  std::size_t unit = 0;  // the one to come
  bool marked = false;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::int32_t id = ids[i];
    if (facts_.is_special(id)) continue;
    if (unit == 0 || options_.max_ngram == 1 || !facts_.continues_word(id)) {
      if (out.positions.size() >= enough) break;
      marked = spans.marks(unit++);
    }
    if (!marked) continue;
    out.positions.push_back(static_cast<std::uint32_t>(i));
    out.originals.push_back(id);
    const double drawn = random.uniform();
    if (drawn < masked) {
      out.ids[i] = facts_.mask();
    } else if (drawn >= masked_or_kept) {
      out.ids[i] = static_cast<std::int32_t>(random.below(facts_.size()));
    }
  }
}

MaskedSequence NgramMasker::mask(std::span<const std::int32_t> ids, std::uint64_t index) const {
  MaskedSequence out;
  mask(ids, index, out);
  return out;
}

}  // namespace berta::corpus
