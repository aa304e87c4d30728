#include "tokenizer/pipeline.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/error.h"
#include "core/parallel.h"
#include "core/utf8.h"
#include "tokenizer/pre_tokenizers.h"
#include "tokenizer/truncation.h"
#include "tokenizer/unigram.h"

namespace berta::tokenizer {
namespace {

using Ids = std::vector<std::int32_t>;

PipelineParts letter_parts() {
  std::vector<UnigramPiece> pieces = {{"[PAD]", 0}, {"[CLS]", 0}, {"[SEP]", 0}, {"[UNK]", 0}, {"\u2581", -1}};
  for (char c = 'a'; c <= 'z'; ++c) pieces.push_back({std::string(1, c), -2});
  return {.model = std::make_shared<Unigram>(pieces, 3, false),
          .post_processor = cls_sep_template(1, 2),
          .specials = {.cls = 1, .sep = 2, .unk = 3}};
}

/// A token a letter, ids from 5 on; no normaliser, no pre-tokeniser, no decoder.
Pipeline letters() {
  return Pipeline(letter_parts());
}

std::string text_of(std::size_t length, char first) {
  std::string text;
  for (std::size_t i = 0; i < length; ++i) text.push_back(static_cast<char>(first + i % 13));
  return text;
}

std::pair<std::size_t, std::size_t> cut(std::size_t first, std::size_t second, std::size_t room,
                                        Truncation how) {
  bool truncated = false;
  const Encoding out = letters().encode_pair(text_of(first, 'a'), text_of(second, 'n'),
                                             {.max_length = room + 3, .truncation = how}, &truncated);
  EXPECT_EQ(truncated, first + second > room);
  EXPECT_LE(out.ids.size(), room + 3);
  const auto count = [&](int sequence) {
    return static_cast<std::size_t>(std::count(out.sequence.begin(), out.sequence.end(), sequence));
  };
  return {count(0), count(1)};
}

using Sizes = std::pair<std::size_t, std::size_t>;

TEST(Truncations, CutTheLongerFirst) {
  EXPECT_EQ(cut(3, 4, 7, Truncation::longest_first), (Sizes{3, 4}));
  EXPECT_EQ(cut(3, 10, 8, Truncation::longest_first), (Sizes{3, 5}));
  EXPECT_EQ(cut(10, 3, 8, Truncation::longest_first), (Sizes{5, 3}));
  EXPECT_EQ(cut(10, 10, 7, Truncation::longest_first), (Sizes{3, 4}));
  EXPECT_EQ(cut(11, 10, 7, Truncation::longest_first), (Sizes{4, 3}));
  EXPECT_EQ(cut(9, 20, 1, Truncation::longest_first), (Sizes{0, 1}));
  EXPECT_EQ(cut(9, 20, 0, Truncation::longest_first), (Sizes{0, 0}));
}

TEST(Truncations, CutOneTextOnly) {
  EXPECT_EQ(cut(6, 4, 7, Truncation::only_first), (Sizes{3, 4}));
  EXPECT_EQ(cut(6, 4, 7, Truncation::only_second), (Sizes{6, 1}));
  EXPECT_THROW(cut(3, 20, 7, Truncation::only_first), UserError);
  EXPECT_THROW(cut(20, 3, 7, Truncation::only_second), UserError);
  EXPECT_THROW(letters().encode("abcdefgh", {.max_length = 5, .truncation = Truncation::only_second}),
               UserError);
  EXPECT_EQ(letters().encode("abcdef", {.max_length = 5, .truncation = Truncation::only_first}).ids,
            (Ids{1, 5, 6, 7, 2}));
}

TEST(Truncations, CutHeadOrTail) {
  const EncodeOptions head{.max_length = 5, .truncation = Truncation::head};
  const EncodeOptions tail{.max_length = 5, .truncation = Truncation::tail};
  EXPECT_EQ(letters().encode("abcdef", head).ids, (Ids{1, 8, 9, 10, 2}));
  EXPECT_EQ(letters().encode("abcdef", tail).ids, (Ids{1, 5, 6, 7, 2}));
  EXPECT_EQ(letters().encode("abcdef", {.add_special_tokens = false, .max_length = 2}).ids, (Ids{5, 6}));
}

TEST(Truncations, MayBeErrors) {
  const EncodeOptions strict{.max_length = 5, .truncation = Truncation::error};
  EXPECT_NO_THROW(letters().encode("abc", strict));
  EXPECT_THROW(letters().encode("abcd", strict), UserError);
  EXPECT_THROW(letters().encode("abc", {.max_length = 1}), UserError);  // no room for the template
}

TEST(Templates, GiveTypesSequencesAndOffsets) {
  const Encoding pair = letters().encode_pair("ab", "c", {});
  EXPECT_EQ(pair.ids, (Ids{1, 5, 6, 2, 7, 2}));
  EXPECT_EQ(pair.type_ids, (Ids{0, 0, 0, 0, 1, 1}));
  EXPECT_EQ(pair.sequence, (std::vector<std::int8_t>{-1, 0, 0, -1, 1, -1}));
  EXPECT_EQ(pair.offsets, (std::vector<Offset>{{0, 0}, {0, 1}, {1, 2}, {0, 0}, {0, 1}, {0, 0}}));
  EXPECT_EQ(letters().encode_pair("ab", "c", {.add_special_tokens = false}).type_ids, (Ids{0, 0, 1}));
  EXPECT_EQ(letters().encode("", {}).ids, (Ids{1, 2}));
}

TEST(Windows, OverlapByTheStride) {
  const auto windows = letters().encode_windows("abcdefgh", WindowOptions{.max_length = 6, .stride = 2});
  ASSERT_EQ(windows.size(), 3u);
  EXPECT_EQ(windows[0].ids, (Ids{1, 5, 6, 7, 8, 2}));
  EXPECT_EQ(windows[1].ids, (Ids{1, 7, 8, 9, 10, 2}));
  EXPECT_EQ(windows[2].ids, (Ids{1, 9, 10, 11, 12, 2}));
  EXPECT_EQ(windows[2].offsets[1], (Offset{4, 5}));
  EXPECT_EQ(letters().encode_windows("abcd", WindowOptions{.max_length = 6, .stride = 2}).size(), 1u);
}

TEST(Windows, KeepTheQuestion) {
  const auto windows = letters().encode_windows("ab", "cdefg", {.max_length = 8, .stride = 1});
  ASSERT_EQ(windows.size(), 2u);
  EXPECT_EQ(windows[0].ids, (Ids{1, 5, 6, 2, 7, 8, 9, 2}));
  EXPECT_EQ(windows[1].ids, (Ids{1, 5, 6, 2, 9, 10, 11, 2}));
  EXPECT_EQ(windows[1].offsets[4], (Offset{2, 3}));
  EXPECT_EQ(letters().encode_windows("ab", "c", {.max_length = 8, .stride = 1}).size(), 1u);
}

TEST(Windows, RefuseWhatCannotMoveOn) {
  EXPECT_THROW(letters().encode_windows("abcdefgh", WindowOptions{.max_length = 6, .stride = 4}), UserError);
  EXPECT_THROW(letters().encode_windows("abcdefgh", "xy", {.max_length = 8, .stride = 1}), UserError);
  EXPECT_THROW(letters().encode_windows("ab", WindowOptions{.max_length = 1, .stride = 0}), UserError);
}

RC_GTEST_PROP(Windows, CoverTheText, ()) {
  const auto size = *rc::gen::inRange<std::size_t>(0, 60), length = *rc::gen::inRange<std::size_t>(1, 20);
  const auto stride = *rc::gen::inRange<std::size_t>(0, length);
  const TextTokens tokens;
  const auto all = windows({&tokens, 0, size}, length, stride);
  RC_ASSERT(all.front().begin == 0u && all.back().end == size);
  for (std::size_t i = 1; i < all.size(); ++i) {
    RC_ASSERT(all[i].begin + stride == all[i - 1].end);
    RC_ASSERT(all[i].size() <= length && all[i].end > all[i - 1].end);
  }
}

TEST(Pipelines, RefuseInvalidUtf8) {
  try {
    letters().encode("ab\xFF", {});
    FAIL();
  } catch (const UserError& error) {
    EXPECT_STREQ(error.what(), "the text is not valid UTF-8 at byte 2");
  }
}

TEST(Pipelines, JoinWithBlanksWithoutADecoder) {
  EXPECT_EQ(letters().decode(Ids{1, 5, 99, 6}, true), "[CLS] a b");
  PipelineParts parts = letter_parts();
  parts.added_tokens = {{.content = "[CLS]", .id = 1, .special = true}};
  parts.clean_up_spaces = true;
  EXPECT_EQ(Pipeline(std::move(parts)).decode(Ids{1, 5, 6}, true), "a b");
}

TEST(Pipelines, TrimOffsets) {
  PipelineParts parts = letter_parts();
  parts.pre_tokenizer = std::make_shared<Metaspace>(MetaspaceOptions{.replacement = U' ', .split = false});
  std::vector<UnigramPiece> pieces = {{"?", 0}, {" a", -1}, {" ", -2}, {"b ", -1}};
  parts.model = std::make_shared<Unigram>(pieces, 0, false);
  parts.trimming = {.enabled = true, .keep_prefix_space = false};
  const Encoding out = Pipeline(std::move(parts)).encode(" ab  a", {.add_special_tokens = false});
  EXPECT_EQ(out.ids, (Ids{1, 3, 1}));
  EXPECT_EQ(out.offsets, (std::vector<Offset>{{1, 2}, {2, 3}, {5, 6}}));
}

TEST(Pipelines, NeedAModel) {
  EXPECT_THROW(Pipeline(PipelineParts{}), InternalError);
}

TEST(Batches, AreInOrderAndEqualForAnyThreads) {
  std::vector<std::string> texts, pairs;
  for (std::size_t i = 0; i < 500; ++i) {
    texts.push_back(text_of(i % 37, 'a'));
    pairs.push_back(text_of(i % 11, 'n'));
  }
  const Pipeline tokenizer = letters();
  set_threads(4);
  const auto many = encode_batch(tokenizer, texts, pairs, {.max_length = 20});
  set_threads(1);
  const auto one = encode_batch(tokenizer, texts, pairs, {.max_length = 20});
  set_threads(0);
  ASSERT_EQ(many.size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(many[i].ids, tokenizer.encode_pair(texts[i], pairs[i], {.max_length = 20}).ids);
    EXPECT_EQ(many[i].ids, one[i].ids);
    EXPECT_EQ(many[i].offsets, one[i].offsets);
  }
  EXPECT_EQ(encode_batch(tokenizer, texts, {}, {})[1].ids, tokenizer.encode(texts[1], {}).ids);
  EXPECT_THROW(encode_batch(tokenizer, texts, std::span(pairs).first(3), {}), UserError);
  const std::vector<std::string> bad = {"a", "\xFF"};
  EXPECT_THROW(encode_batch(tokenizer, bad, {}, {}), UserError);
}

}  // namespace
}  // namespace berta::tokenizer
