#include "train/objectives/masked_batches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "pretraining.h"

namespace berta::train {
namespace {

using corpus::testing::sentiment;
using testing::Workshop;
using Ids = std::vector<std::int32_t>;

/// The sequences of a batch with what stood in the gaps.
std::vector<Ids> originals(const MaskedBatch& masked) {
  Ids ids = masked.batch.tokens.ids;
  for (std::size_t i = 0; i < masked.labels.size(); ++i) {
    ids.at(static_cast<std::size_t>(masked.batch.picked_rows[i])) =
        static_cast<std::int32_t>(masked.labels[i]);
  }
  std::vector<Ids> out;
  const Ids& starts = masked.batch.tokens.rows.starts;
  for (std::size_t s = 0; s + 1 < starts.size(); ++s)
    out.emplace_back(ids.begin() + starts[s], ids.begin() + starts[s + 1]);
  return out;
}

void expect_equal(const MaskedBatch& a, const MaskedBatch& b) {
  EXPECT_EQ(a.batch.tokens.ids, b.batch.tokens.ids);
  EXPECT_EQ(a.batch.tokens.rows.starts, b.batch.tokens.rows.starts);
  EXPECT_EQ(a.batch.tokens.rows.positions, b.batch.tokens.rows.positions);
  EXPECT_EQ(a.batch.picked_rows, b.batch.picked_rows);
  EXPECT_EQ(a.labels, b.labels);
}

/// The corpus' chunks, specials around them, and how often each is there.
std::map<Ids, int> chunks_of(const PretrainSettings& settings, corpus::Split split) {
  const corpus::TokenCorpus corpus(settings.corpus, split);
  const corpus::Chunks chunks(corpus, static_cast<std::size_t>(settings.max_length),
                              corpus::ChunkStyle::stream);
  std::map<Ids, int> out;
  for (std::uint64_t i = 0; i < chunks.size(); ++i) {
    Ids ids = chunks.at(i);
    ids.insert(ids.begin(), *sentiment().specials().cls);
    ids.push_back(*sentiment().specials().sep);
    ++out[ids];
  }
  return out;
}

TEST(MaskedBatches, AreAFunctionOfSeedAndNumber) {
  const Workshop workshop;
  PretrainSettings settings = workshop.settings(Objective::mlm, "out");
  const MaskedBatches first(settings, sentiment()), second(settings, sentiment());
  for (const std::int64_t i : {7, 0, 100}) expect_equal(first.batch(i), second.batch(i));
  EXPECT_NE(originals(first.batch(0)), originals(first.batch(1)));
  PretrainSettings other = settings;
  other.run.seed = 43;
  const MaskedBatches third(other, sentiment());
  EXPECT_NE(originals(third.batch(0)), originals(first.batch(0)));
}

TEST(MaskedBatches, AnEpochHasEachChunkOnceAndTheNextAnotherOrder) {
  const Workshop workshop;
  const PretrainSettings settings = workshop.settings(Objective::mlm, "out");
  const MaskedBatches batches(settings, sentiment());
  const auto wanted = chunks_of(settings, corpus::Split::train);
  std::size_t size = 0;
  for (const auto& [ids, count] : wanted) size += static_cast<std::size_t>(count);
  ASSERT_GT(size, 20U);
  std::vector<Ids> seen;
  for (std::int64_t i = 0; seen.size() < 2 * size; ++i) {
    for (Ids& one : originals(batches.batch(i))) seen.push_back(std::move(one));
  }
  const auto middle = seen.begin() + static_cast<std::ptrdiff_t>(size);
  std::map<Ids, int> epoch, next;
  for (auto one = seen.begin(); one != middle; ++one) ++epoch[*one];
  for (auto one = middle; one != middle + static_cast<std::ptrdiff_t>(size); ++one) ++next[*one];
  EXPECT_EQ(epoch, wanted);
  EXPECT_EQ(next, wanted);
  EXPECT_FALSE(std::equal(seen.begin(), middle, middle));
  const auto per_epoch = static_cast<double>(size) / static_cast<double>(settings.run.batch_size);
  EXPECT_NEAR(batches.epoch(1000), 1000 / per_epoch, 1e-9);
}

TEST(MaskedBatches, HeldOutChunksKeepTheirGaps) {
  const Workshop workshop;
  const PretrainSettings settings = workshop.settings(Objective::mlm, "out");
  const MaskedBatches batches(settings, sentiment());
  const std::int64_t count = batches.held_out_chunks();
  ASSERT_GT(count, 3);
  const MaskedBatch all = batches.held_out(0, count);
  std::map<Ids, int> seen;
  for (const Ids& ids : originals(all)) ++seen[ids];
  EXPECT_EQ(seen, chunks_of(settings, corpus::Split::held_out));
  batches.batch(3);
  expect_equal(batches.held_out(0, count + 5), all);
  // A chunk's gaps do not depend on what else is asked for.
  const MaskedBatch second = batches.held_out(1, 1);
  EXPECT_TRUE(std::equal(second.batch.tokens.ids.begin(), second.batch.tokens.ids.end(),
                         all.batch.tokens.ids.begin() + all.batch.tokens.rows.starts[1]));
  EXPECT_TRUE(batches.held_out(count, 1).labels.empty());
}

TEST(MaskedBatches, GapsOfRtdAreMaskTokens) {
  const Workshop workshop;
  const PretrainSettings settings = workshop.settings(Objective::rtd, "out");
  const MaskedBatches batches(settings, sentiment());
  const MaskedBatch masked = batches.batch(2);
  const Batch& batch = masked.batch;
  ASSERT_EQ(batch.picked_rows.size(), masked.labels.size());
  EXPECT_EQ(batch.tokens.rows.sequences(), 3U);
  const std::int32_t mask = *sentiment().specials().mask;
  std::size_t masks = 0;
  for (const std::int32_t id : batch.tokens.ids) masks += id == mask ? 1 : 0;
  EXPECT_EQ(masks, masked.labels.size());
  for (const std::int32_t row : batch.picked_rows)
    EXPECT_EQ(batch.tokens.ids[static_cast<std::size_t>(row)], mask);
  // picked says the same, by sequence and position.
  for (std::size_t s = 0, i = 0; s < batch.picked.sequences(); ++s) {
    EXPECT_GE(batch.picked.length(s), 1) << "a sequence without a gap";
    for (const std::int32_t position : batch.picked.positions_of(s))
      EXPECT_EQ(batch.picked_rows.at(i++), batch.tokens.rows.starts[s] + position);
  }
}

/// `dropped` has some tokens of `whole`, with their gaps, at the positions where they stood.
void expect_part_of(const MaskedBatch& dropped, const MaskedBatch& whole) {
  std::vector<std::int32_t> ids, gap_rows;
  std::vector<std::int64_t> labels;
  std::vector<std::vector<std::int32_t>> gaps;
  const model::Rows& rows = dropped.batch.tokens.rows;
  for (std::size_t s = 0; s < rows.sequences(); ++s) {
    gaps.emplace_back();
    for (const std::int32_t position : rows.positions_of(s)) {
      const std::int32_t row = whole.batch.tokens.rows.starts[s] + position;
      const auto& picked = whole.batch.picked_rows;
      const auto gap = std::find(picked.begin(), picked.end(), row);
      if (gap != picked.end()) {
        gap_rows.push_back(static_cast<std::int32_t>(ids.size()));
        labels.push_back(whole.labels[static_cast<std::size_t>(gap - picked.begin())]);
        gaps.back().push_back(position);
      }
      ids.push_back(whole.batch.tokens.ids[static_cast<std::size_t>(row)]);
    }
    EXPECT_FALSE(gaps.back().empty()) << "a sequence without a gap";
  }
  EXPECT_EQ(dropped.batch.tokens.ids, ids);
  EXPECT_EQ(dropped.batch.tokens.types.size(), ids.size());
  EXPECT_EQ(dropped.batch.picked_rows, gap_rows);
  EXPECT_EQ(dropped.labels, labels);
  for (std::size_t s = 0; s < gaps.size(); ++s)
    EXPECT_THAT(dropped.batch.picked.positions_of(s), ::testing::ElementsAreArray(gaps[s]));
}

TEST(MaskedBatches, DroppedTokensAreInNeitherInputNorLoss) {
  const Workshop workshop;
  for (const Objective objective : {Objective::mlm, Objective::rtd}) {
    PretrainSettings settings = workshop.settings(objective, "out");
    settings.run.batch_size = 8;
    const MaskedBatches all(settings, sentiment());
    PretrainSettings dropping = settings;
    dropping.token_drop = 0.4;
    const MaskedBatches some(dropping, sentiment());
    std::size_t gaps = 0, kept_gaps = 0;
    for (std::int64_t i = 0; i < 20; ++i) {
      const MaskedBatch whole = all.batch(i), dropped = some.batch(i);
      EXPECT_EQ(whole.text_tokens, static_cast<std::int64_t>(whole.batch.tokens.ids.size()));
      EXPECT_EQ(dropped.text_tokens, whole.text_tokens);
      expect_part_of(dropped, whole);
      gaps += whole.labels.size(), kept_gaps += dropped.labels.size();
      for (std::size_t s = 0; s < 8; ++s) {
        const std::int64_t wanted = some.kept_length(whole.batch.tokens.rows.length(s));
        const std::int64_t length = dropped.batch.tokens.rows.length(s);
        EXPECT_TRUE(length == wanted || (length == wanted + 1 && dropped.batch.picked.length(s) == 1));
      }
    }
    EXPECT_LT(kept_gaps, gaps);
    EXPECT_EQ(all.kept_length(14), 14);
    EXPECT_EQ(some.kept_length(14), 14 - 4);  // of twelve
  }
}

TEST(MaskedBatches, WhatIsDroppedIsAFunctionOfSeedAndNumberAndNothingOfHeldOutChunks) {
  const Workshop workshop;
  PretrainSettings settings = workshop.settings(Objective::mlm, "out");
  const MaskedBatches whole(settings, sentiment());
  settings.token_drop = 0.25;
  const MaskedBatches first(settings, sentiment()), second(settings, sentiment());
  for (const std::int64_t i : {7, 0, 100}) expect_equal(first.batch(i), second.batch(i));
  // A worker's part is that of the whole batch.
  const MaskedBatch all = first.batch(4), last = first.batch(4, 2, 3);
  const auto begin = all.batch.tokens.rows.starts[2];
  EXPECT_TRUE(std::equal(last.batch.tokens.ids.begin(), last.batch.tokens.ids.end(),
                         all.batch.tokens.ids.begin() + begin, all.batch.tokens.ids.end()));
  EXPECT_TRUE(std::equal(last.batch.tokens.rows.positions.begin(), last.batch.tokens.rows.positions.end(),
                         all.batch.tokens.rows.positions.begin() + begin,
                         all.batch.tokens.rows.positions.end()));
  expect_equal(first.held_out(0, 4), whole.held_out(0, 4));
}

TEST(MaskedBatches, RefuseTheCorpusOfAnotherTokenizer) {
  const Workshop workshop;
  const PretrainSettings settings = workshop.settings(Objective::mlm, "out");
  const auto other = tokenizer::load_tokenizer(BERTA_TEST_DATA "/data/tokenizers/bert-uncased");
  EXPECT_THAT(io::error_of([&] { const MaskedBatches batches(settings, *other); }),
              ::testing::HasSubstr("corpus: made with another tokenizer"));
}

}  // namespace
}  // namespace berta::train
