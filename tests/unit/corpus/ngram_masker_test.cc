#include "corpus/ngram_masker.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <numeric>

#include "../chi_square.h"
#include "../io/temporary.h"
#include "masking_sequences.h"

namespace berta::corpus {
namespace {

using namespace testing;
using io::error_of;

/// The law itself: the probability of each set of masked positions, by going through all draws.
class Law {
 public:
  Law(std::vector<std::size_t> words, int max_ngram, std::size_t window, std::size_t wanted)
      : words_(std::move(words)), max_ngram_(max_ngram), window_(window), wanted_(wanted) {
    for (int n = 1; n <= max_ngram; ++n) harmonic_ += 1.0 / n;
    walk(0, 0, 1);
  }

  const std::map<std::uint32_t, double>& probabilities() const { return probabilities_; }

 private:
  void walk(std::size_t offset, std::uint32_t marked, double p) {
    if (offset >= words_.size()) {
      probabilities_[corrupted(marked)] += p;
      return;
    }
    for (int n = 1; n <= max_ngram_; ++n) {
      const auto length = static_cast<std::size_t>(n);
      const std::size_t window = std::min(length * window_, words_.size() - offset);
      for (std::size_t m = 0; m < window; ++m) {
        const std::size_t end = std::min(offset + m + length, words_.size());
        std::uint32_t next = marked;
        for (std::size_t unit = offset + m; unit < end; ++unit) next |= 1u << unit;
        walk(std::max(offset + window, end), next, p / n / harmonic_ / static_cast<double>(window));
      }
    }
  }

  /// Marked units to positions of ids, [CLS] at 0, up to the number that is wanted.
  std::uint32_t corrupted(std::uint32_t marked) const {
    std::uint32_t ids = 0;
    std::size_t position = 1;
    for (std::size_t unit = 0; unit < words_.size(); ++unit) {
      for (std::size_t k = 0; k < words_[unit]; ++k, ++position) {
        if (marked >> unit & 1) ids |= 1u << position;
      }
      if (static_cast<std::size_t>(std::popcount(ids)) >= wanted_) break;
    }
    return ids;
  }

  std::vector<std::size_t> words_;
  int max_ngram_;
  std::size_t window_;
  std::size_t wanted_;
  double harmonic_ = 0;
  std::map<std::uint32_t, double> probabilities_;
};

/// [CLS], words of so many pieces, [SEP].
std::vector<std::int32_t> sequence_of(const std::vector<std::size_t>& words) {
  std::vector<std::int32_t> ids{kCls};
  for (const std::size_t pieces : words) {
    ids.push_back(4);  // begins a word
    ids.insert(ids.end(), pieces - 1, 6);
  }
  ids.push_back(kSep);
  return ids;
}

// A mask rate of 1/3 makes windows of 3 n and lets a short sequence show the whole law.
TEST(NgramMasker, HasTheLawOfAllSubsets) {
  const std::vector<std::size_t> words = {1, 2, 1, 1, 3, 1, 2, 1, 1, 1};
  const std::vector<std::int32_t> ids = sequence_of(words);
  ASSERT_EQ(ids.size(), 16u);
  const NgramMasker masker(golden_facts(), {.mask_rate = 1.0 / 3, .max_ngram = 3, .seed = 5});
  ASSERT_EQ(masker.wanted(ids.size()), 5u);
  const Law law(words, 3, 3, 5);
  constexpr int kSequences = 200000;  // 3.2 million ids
  std::map<std::uint32_t, double> seen;
  MaskedSequence masked;
  for (std::uint64_t index = 0; index < kSequences; ++index) {
    masker.mask(ids, index, masked);
    std::uint32_t set = 0;
    for (const std::uint32_t position : masked.positions) set |= 1u << position;
    ++seen[set];
  }
  std::vector<double> counts{0}, expected{0};
  double total = 0;
  for (const auto& [set, p] : law.probabilities()) {
    const bool rare = p * kSequences < 10;
    if (!rare) counts.push_back(0), expected.push_back(0);
    (rare ? counts.front() : counts.back()) += seen[set];
    (rare ? expected.front() : expected.back()) += p * kSequences;
    total += p;
  }
  EXPECT_NEAR(total, 1, 1e-9);
  EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), 0.0), kSequences) << "a set that the law has not";
  EXPECT_GT(counts.size(), 50u);
  if (expected.front() < 10) {
    counts[1] += counts[0], expected[1] += expected[0];
    counts.erase(counts.begin()), expected.erase(expected.begin());
  }
  EXPECT_GT(test::p_of_counts(counts, expected), 0.01);
}

TEST(NgramMasker, MasksKeepsAndReplacesInTheirParts) {
  const NgramMasker masker(golden_facts(), {.seed = 6});
  double masks = 0, kept = 0, replaced = 0, predicted = 0, ids_in_all = 0;
  std::vector<double> drawn(10);
  for (std::uint32_t index = 0; index < 10000; ++index) {
    const auto ids = golden_sequence(index);
    const MaskedSequence masked = masker.mask(ids, index);
    ids_in_all += static_cast<double>(ids.size());
    predicted += static_cast<double>(masked.positions.size());
    for (std::size_t k = 0; k < masked.positions.size(); ++k) {
      const std::int32_t now = masked.ids[masked.positions[k]];
      if (now == masked.originals[k]) {
        ++kept;
      } else if (now == kMaskId) {
        ++masks;
      } else {
        ++replaced;
        ++drawn[static_cast<std::size_t>(now) * 10 / 1001];
      }
    }
  }
  EXPECT_GT(ids_in_all, 1e6);
  EXPECT_NEAR(predicted / ids_in_all, 0.15, 0.001);
  const auto size =
      static_cast<double>(masker.facts().size());  // an id drawn may be [MASK] or the one that was there
  const std::vector<double> counts = {masks, kept, replaced};
  const std::vector<double> expected = {predicted * (0.8 + 0.1 / size), predicted * (0.1 + 0.1 / size),
                                        predicted * (0.1 - 0.2 / size)};
  EXPECT_GT(test::p_of_counts(counts, expected), 0.01);
  EXPECT_GT(test::p_of_counts(drawn, std::vector<double>(10, replaced / 10)), 0.01);
}

TEST(NgramMasker, ReplacedTokenDetectionMasksAll) {
  auto options = MaskOptions::replaced_token_detection();
  options.seed = 3;
  const NgramMasker masker(golden_facts(), options);
  for (std::uint32_t index = 0; index < 200; ++index) {
    const MaskedSequence masked = masker.mask(golden_sequence(index), index);
    EXPECT_EQ(masked.positions.size(), 19u);
    for (const std::uint32_t position : masked.positions) EXPECT_EQ(masked.ids[position], kMaskId);
  }
}

TEST(NgramMasker, IsAFunctionOfSeedAndIndex) {
  const NgramMasker masker(golden_facts(), {.seed = 1}), other(golden_facts(), {.seed = 2});
  const auto ids = golden_sequence(3);
  const MaskedSequence first = masker.mask(ids, 7);
  MaskedSequence again = masker.mask(golden_sequence(4), 8);  // memory with something in it
  masker.mask(ids, 7, again);
  EXPECT_EQ(again.ids, first.ids);
  EXPECT_EQ(again.positions, first.positions);
  EXPECT_EQ(again.originals, first.originals);
  EXPECT_NE(masker.mask(ids, 8).positions, first.positions);
  EXPECT_NE(other.mask(ids, 7).positions, first.positions);
}

TEST(NgramMasker, EveryWordIsWhole) {
  EXPECT_TRUE(rc::check([](std::uint64_t index) {
    const int ngram = *rc::gen::inRange(2, 6);
    const NgramMasker masker(golden_facts(), {.max_ngram = ngram, .seed = 1});
    const auto length = *rc::gen::inRange<std::size_t>(0, 200);
    auto ids = *rc::gen::container<std::vector<std::int32_t>>(length, rc::gen::inRange(0, kPieces + 1));
    const MaskedSequence masked = masker.mask(ids, index);
    std::vector<bool> hit(ids.size());
    for (std::size_t k = 0; k < masked.positions.size(); ++k) {
      if (k > 0) RC_ASSERT(masked.positions[k - 1] < masked.positions[k]);
      RC_ASSERT(ids[masked.positions[k]] == masked.originals[k]);
      RC_ASSERT(!is_special(masked.originals[k]));
      hit[masked.positions[k]] = true;
    }
    int before = -1;  // whether the id before that is no special was predicted
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (!hit[i]) RC_ASSERT(masked.ids[i] == ids[i]);
      if (is_special(ids[i])) continue;
      if (before >= 0 && continues(ids[i])) RC_ASSERT((hit[i] == (before == 1)));
      before = hit[i] ? 1 : 0;
    }
  }));
}

TEST(NgramMasker, EdgeCases) {
  const NgramMasker masker(golden_facts(), {});
  EXPECT_TRUE(masker.mask({}, 0).ids.empty());
  const std::vector<std::int32_t> specials = {kCls, kUnk, kPad, kMaskId, kSep};
  EXPECT_EQ(masker.mask(specials, 1).ids, specials);
  EXPECT_TRUE(masker.mask(specials, 1).positions.empty());
  for (std::uint64_t index = 0; index < 50; ++index) {
    EXPECT_EQ(masker.mask(std::vector<std::int32_t>{kCls, 6, kSep}, index).positions,
              std::vector<std::uint32_t>{1});
    EXPECT_EQ(masker.mask(std::vector<std::int32_t>{5}, index).positions, std::vector<std::uint32_t>{0});
    // One word of many pieces is masked whole, whatever the rate.
    EXPECT_EQ(masker.mask(std::vector<std::int32_t>(40, 9), index).positions.size(), 40u);
  }
  EXPECT_EQ(error_of([&] { masker.mask(std::vector<std::int32_t>{1001}, 0); }),
            "id 1001: expected ids below 1001");
  EXPECT_EQ(error_of([&] { masker.mask(std::vector<std::int32_t>{-1}, 0); }),
            "id -1: expected ids below 1001");
}

TEST(NgramMasker, WantsAsPythonRounds) {
  const NgramMasker masker(golden_facts(), {});
  EXPECT_EQ(masker.options().max_predictions, 80u);
  EXPECT_EQ(masker.wanted(0), 1u);
  EXPECT_EQ(masker.wanted(3), 1u);
  EXPECT_EQ(masker.wanted(10), 2u);  // 1.5
  EXPECT_EQ(masker.wanted(30), 4u);  // 4.5
  EXPECT_EQ(masker.wanted(50), 8u);  // 7.5
  EXPECT_EQ(masker.wanted(128), 19u);
  EXPECT_EQ(masker.wanted(512), 77u);
  EXPECT_EQ(masker.wanted(5000), 80u);
  EXPECT_EQ(NgramMasker(golden_facts(), {.max_length = 128}).options().max_predictions, 20u);
  EXPECT_EQ(NgramMasker(golden_facts(), {.max_predictions = 7}).wanted(512), 7u);
}

TEST(NgramMasker, RefusesOptionsThatAreNoLaw) {
  const auto refused = [](const MaskOptions& options) {
    return error_of([&] { NgramMasker(golden_facts(), options); });
  };
  EXPECT_EQ(refused({.mask_rate = 0}), "masking: expected a mask rate of 0.0001 to 1, found 0");
  EXPECT_NE(refused({.mask_rate = std::nan("")}), "");
  EXPECT_NE(refused({.mask_rate = 1e-300}), "");
  EXPECT_NE(refused({.max_ngram = 0}), "");
  EXPECT_NE(refused({.keep = 0.6, .random = 0.6}), "");
  EXPECT_NE(refused({.keep = -0.1}), "");
  EXPECT_NE(refused({.max_length = 0}), "");
}

}  // namespace
}  // namespace berta::corpus
