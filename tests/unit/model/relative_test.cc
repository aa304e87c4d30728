#include "model/relative.h"

#include <gtest/gtest.h>

#include <numeric>

namespace berta::model {
namespace {

RelativeAttention released() {
  return {.content_to_position = true, .position_to_content = true, .buckets = 256, .max_position = 512};
}

std::int64_t bucket_of(std::int64_t distance) {
  return relative_row(released(), distance) - 256;
}

// The table of deberta.md 1.3, computed with transformers' and Microsoft's code.
TEST(Relative, BucketsOfTheReleasedModels) {
  const std::pair<std::int64_t, std::int64_t> known[] = {
      {0, 0},     {1, 1},     {128, 128}, {129, 129}, {130, 130}, {131, 131}, {132, 131},
      {133, 132}, {160, 149}, {192, 166}, {200, 169}, {256, 192}, {300, 207}, {384, 229},
      {400, 233}, {448, 243}, {500, 254}, {510, 255}, {511, 255}};
  for (const auto& [distance, bucket] : known) {
    EXPECT_EQ(bucket_of(distance), bucket) << distance;
    EXPECT_EQ(bucket_of(-distance), -bucket) << -distance;
  }
  std::int64_t sum = 0;
  for (std::int64_t distance = 0; distance < 512; ++distance) sum += bucket_of(distance);
  EXPECT_EQ(sum, 87297);
}

TEST(Relative, SaturationBeyondTheRange) {
  RelativeAttention relative = released();
  EXPECT_EQ(relative_row(relative, 512), 511);
  EXPECT_EQ(relative_row(relative, -512), 0);
  EXPECT_EQ(relative_row(relative, -5000), 0);
  relative.saturation = Saturation::ms;
  EXPECT_EQ(relative_row(relative, 512), 511);
  EXPECT_EQ(relative_row(relative, -512), 1);  // row 0 is never read
  EXPECT_EQ(relative_row(relative, -5000), 1);
}

TEST(Relative, WithoutBucketsTheDistanceIsClamped) {
  const RelativeAttention relative{.content_to_position = true, .max_position = 4};
  const std::vector<std::int32_t> wanted = {0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 7, 7, 7};
  const RelativeRows rows(relative, 7);
  for (std::int64_t distance = -6; distance <= 6; ++distance) {
    EXPECT_EQ(rows(distance), wanted[static_cast<std::size_t>(distance + 6)]) << distance;
  }
}

// Pairs where double and float disagree: the float value is transformers 4.57.1's (make_log_bucket_position).
TEST(Relative, FollowsSinglePrecisionAsTheReferencesDo) {
  const RelativeAttention relative{.content_to_position = true, .buckets = 18, .max_position = 17};
  EXPECT_EQ(relative_row(relative, 12), 18 + 14);
}

TEST(Relative, RowsStayInTheTable) {
  for (const std::int64_t buckets : {0, 2, 3, 7, 8, 31, 256}) {
    for (const std::int64_t range : {200, 300, 1000}) {
      for (const Saturation saturation : {Saturation::hf, Saturation::ms}) {
        const RelativeAttention relative{.buckets = buckets, .max_position = range, .saturation = saturation};
        const RelativeRows rows(relative, 3000);
        for (std::int64_t distance = -2999; distance < 3000; ++distance) {
          ASSERT_GE(rows(distance), 0);
          ASSERT_LT(rows(distance), 2 * relative.span());
        }
      }
    }
  }
}

TEST(Relative, ShortSequencesUseFewRows) {
  const RelativeAttention relative{.content_to_position = true, .buckets = 256, .max_position = 512};
  const RelativeRows rows(relative, 20);
  const TableRows used = rows.used();
  EXPECT_EQ(used.first, 256 - 19);
  EXPECT_EQ(used.count, 39);
  const RelativeRows moved = rows.counted_from(used.first);
  for (std::int64_t distance = -19; distance < 20; ++distance)
    EXPECT_EQ(moved(distance), rows(distance) - used.first);
}

// With more buckets than the range holds, rows do not rise with the distance.
TEST(Relative, UsedRowsHoldEachRowThatADistanceHas) {
  const RelativeAttention relative{.content_to_position = true, .buckets = 31, .max_position = 300};
  const RelativeRows rows(relative, 700);
  const TableRows used = rows.used();
  for (std::int64_t distance = -699; distance < 700; ++distance) {
    ASSERT_GE(rows(distance), used.first);
    ASSERT_LT(rows(distance), used.first + used.count);
  }
  EXPECT_LE(used.first + used.count, 2 * relative.span());
}

}  // namespace
}  // namespace berta::model
