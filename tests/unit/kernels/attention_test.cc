#include "kernels/attention.h"

#include <algorithm>
#include <cmath>

#include "core/half.h"
#include "model/relative.h"
#include "targets.h"

namespace berta::kernels {
namespace {

using testing::on_every_target;
using testing::random_floats;

struct Case {
  std::size_t length;
  std::size_t head_size;
  std::vector<std::int32_t> queries;  // positions
  bool c2p = true;
  bool p2c = true;
  std::int64_t buckets = 0;
  std::int64_t range = 16;
  Format format = Format::f32;
  bool steady = true;  // false: as if the table were not
};

/// Random inputs of a case. Strides are wider than the head, as where several heads stand side by side.
struct Inputs {
  Inputs(const Case& shape, std::mt19937& random)
      : relative({.content_to_position = shape.c2p,
                  .position_to_content = shape.p2c,
                  .buckets = shape.buckets,
                  .max_position = shape.range},
                 static_cast<std::int64_t>(shape.length)),
        rows(static_cast<std::size_t>(2 * (shape.buckets > 0 ? shape.buckets : shape.range))),
        stride(shape.head_size + 3),
        table_stride(rows + kSlack),
        query(random_floats(random, shape.queries.size() * stride + kSlack)),
        key(random_floats(random, shape.length * stride + kSlack)),
        value(random_floats(random, shape.length * stride + kSlack)),
        position_key(random_floats(random, rows * shape.head_size)),
        position_query(random_floats(random, rows * shape.head_size)),
        key_table(packed(shape, position_key, true)),
        query_table(packed(shape, position_query, false)) {}

  std::vector<std::uint32_t> packed(const Case& shape, const std::vector<float>& table,
                                    bool transposed) const {
    const std::size_t words = words_of(shape.head_size, shape.format);
    std::vector<std::uint32_t> out(words * (transposed ? table_stride : rows));
    pack_table({.rows = table.data(),
                .row_stride = shape.head_size,
                .count = rows,
                .head_size = shape.head_size,
                .format = shape.format,
                .transposed = transposed,
                .out = out.data(),
                .stride = transposed ? table_stride : words});
    return out;
  }

  model::RelativeRows relative;
  std::size_t rows, stride, table_stride;
  std::vector<float> query, key, value, position_key, position_query;
  std::vector<std::uint32_t> key_table, query_table;
};

constexpr double kScale = 0.4;

double rounded(float value, const Case& shape) {
  return static_cast<double>(shape.format == Format::bf16 ? bfloat16_to_float(float_to_bfloat16(value))
                                                          : value);
}

/// The formula, query by query, in double.
std::vector<double> plain_attention(const Case& shape, const Inputs& in) {
  std::vector<double> out;
  const auto product = [&](const float* a, const float* b) {
    double sum = 0;
    for (std::size_t i = 0; i < shape.head_size; ++i) sum += rounded(a[i], shape) * rounded(b[i], shape);
    return sum;
  };
  for (std::size_t q = 0; q < shape.queries.size(); ++q) {
    std::vector<double> scores(shape.length);
    for (std::size_t k = 0; k < shape.length; ++k) {
      const float* query = in.query.data() + q * in.stride;
      const float* key = in.key.data() + k * in.stride;
      const auto row = static_cast<std::size_t>(in.relative(shape.queries[q] - static_cast<std::int64_t>(k)));
      scores[k] = product(query, key);
      if (shape.c2p) scores[k] += product(query, in.position_key.data() + row * shape.head_size);
      if (shape.p2c) scores[k] += product(key, in.position_query.data() + row * shape.head_size);
    }
    const double largest = *std::max_element(scores.begin(), scores.end());
    double sum = 0;
    for (double& score : scores) sum += score = std::exp((score - largest) * kScale);
    for (std::size_t i = 0; i < shape.head_size; ++i) {
      double mixed = 0;
      for (std::size_t k = 0; k < shape.length; ++k) {
        mixed += scores[k] / sum * rounded(in.value[k * in.stride + i], shape);
      }
      out.push_back(mixed);
    }
  }
  return out;
}

void check(const Case& shape, std::mt19937& random, AttentionScratch& scratch) {
  const Inputs in(shape, random);
  const std::size_t out_stride = shape.head_size + 5;
  constexpr float kUntouched = -77;
  std::vector<float> out(shape.queries.size() * out_stride, kUntouched);
  attention({.format = shape.format,
             .query = in.query.data(),
             .query_stride = in.stride,
             .query_count = shape.queries.size(),
             .query_positions = shape.queries.data(),
             .key = in.key.data(),
             .value = in.value.data(),
             .key_stride = in.stride,
             .key_count = shape.length,
             .position_key = shape.c2p ? in.key_table.data() : nullptr,
             .position_query = shape.p2c ? in.query_table.data() : nullptr,
             .table_rows = in.rows,
             .table_stride = in.table_stride,
             .relative = in.relative.centre(),
             .steady = shape.steady && in.relative.steady(),
             .scale = static_cast<float>(kScale),
             .head_size = shape.head_size,
             .out = out.data(),
             .out_stride = out_stride},
            scratch);
  const auto wanted = plain_attention(shape, in);
  for (std::size_t q = 0; q < shape.queries.size(); ++q) {
    for (std::size_t i = 0; i < out_stride; ++i) {
      const float found = out[q * out_stride + i];
      if (i >= shape.head_size) {
        ASSERT_EQ(found, kUntouched) << "wrote behind the head at query " << q;
      } else {
        ASSERT_NEAR(found, wanted[q * shape.head_size + i], shape.format == Format::f32 ? 2e-5 : 2e-2)
            << "length " << shape.length << ", head " << shape.head_size << ", query " << q << ", column "
            << i;
      }
    }
  }
}

std::vector<std::int32_t> all(std::size_t length) {
  std::vector<std::int32_t> positions(length);
  for (std::size_t i = 0; i < length; ++i) positions[i] = static_cast<std::int32_t>(i);
  return positions;
}

TEST(Attention, EqualsThePlainFormOverLengthsAndHeadSizes) {
  std::mt19937 random(2);
  on_every_target([&] {
    AttentionScratch scratch;  // kept between tasks of all sizes, as a thread does
    for (const std::size_t length : {130, 1, 2, 3, 15, 16, 17, 63, 64, 65, 129, 200}) {
      for (const std::size_t head_size : {1, 3, 8, 16, 20, 33, 64}) {
        check({.length = length, .head_size = head_size, .queries = all(length)}, random, scratch);
      }
    }
  });
}

TEST(Attention, EqualsThePlainFormInEveryVariant) {
  std::mt19937 random(3);
  on_every_target([&] {
    AttentionScratch scratch;
    for (const bool c2p : {false, true}) {
      for (const bool p2c : {false, true}) {
        for (const auto& [buckets, range] : std::vector<std::pair<std::int64_t, std::int64_t>>{
                 {0, 4}, {0, 300}, {8, 32}, {7, 20}, {256, 512}, {32, 64}}) {
          check({.length = 150,
                 .head_size = 24,
                 .queries = all(150),
                 .c2p = c2p,
                 .p2c = p2c,
                 .buckets = buckets,
                 .range = range},
                random, scratch);
        }
      }
    }
  });
}

// The inputs of the plain form are rounded alike; what differs are the probabilities, rounded to 8 bits.
TEST(Attention, EqualsThePlainFormInBfloat16) {
  std::mt19937 random(6);
  on_every_target([&] {
    AttentionScratch scratch;
    for (const std::size_t length : {1, 2, 17, 63, 64, 65, 131}) {
      for (const std::size_t head_size : {1, 3, 8, 33, 64}) {
        check({.length = length,
               .head_size = head_size,
               .queries = all(length),
               .buckets = 32,
               .range = 64,
               .format = Format::bf16},
              random, scratch);
      }
    }
  });
}

TEST(Attention, NeedsNoSteadyTable) {
  std::mt19937 random(7);
  on_every_target([&] {
    AttentionScratch scratch;
    check({.length = 150, .head_size = 16, .queries = all(150), .buckets = 32, .range = 64, .steady = false},
          random, scratch);
  });
}

// The mask decoder asks for few rows, anywhere, in any order, perhaps twice.
TEST(Attention, EqualsThePlainFormForAnyQueries) {
  std::mt19937 random(4);
  on_every_target([&] {
    AttentionScratch scratch;
    check({.length = 700, .head_size = 16, .queries = {699}, .buckets = 16, .range = 64}, random, scratch);
    check({.length = 700, .head_size = 16, .queries = {3, 650, 0, 3, 320, 699}, .buckets = 256, .range = 512},
          random, scratch);
    check({.length = 5, .head_size = 4, .queries = {4, 0}}, random, scratch);
  });
}

// exp of the difference to a maximum that is reached late: tiles before it must be rescaled, not lost or
// infinite.
TEST(Attention, SurvivesScoresFarApart) {
  on_every_target([&] {
    constexpr std::size_t kLength = 200;
    std::vector<float> query(1 + kSlack, 1.0F);
    std::vector<float> key(kLength + kSlack);
    std::vector<float> value(kLength + kSlack);
    for (std::size_t k = 0; k < kLength; ++k)
      key[k] = static_cast<float>(k) * 1e4F, value[k] = static_cast<float>(k);
    std::vector<float> out(1);
    const std::int32_t position = 0;
    AttentionScratch scratch;
    attention({.format = Format::f32,
               .query = query.data(),
               .query_stride = 1,
               .query_count = 1,
               .query_positions = &position,
               .key = key.data(),
               .value = value.data(),
               .key_stride = 1,
               .key_count = kLength,
               .position_key = nullptr,
               .position_query = nullptr,
               .table_rows = 0,
               .table_stride = 0,
               .relative = nullptr,
               .steady = true,
               .scale = 1,
               .head_size = 1,
               .out = out.data(),
               .out_stride = 1},
              scratch);
    EXPECT_EQ(out[0], static_cast<float>(kLength - 1));
  });
}

}  // namespace
}  // namespace berta::kernels
