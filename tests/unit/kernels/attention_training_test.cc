#include "kernels/attention_training.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "model/relative.h"
#include "targets.h"

namespace berta::kernels {
namespace {

using testing::on_every_target;

using Positions = std::vector<std::vector<std::int32_t>>;  // by sequence

Positions all_of(const std::vector<std::size_t>& lengths) {
  Positions positions;
  for (const std::size_t length : lengths) {
    positions.emplace_back(length);
    std::iota(positions.back().begin(), positions.back().end(), 0);
  }
  return positions;
}

struct Case {
  Positions queries;
  Positions keys;
  std::size_t head_size = 8;
  bool c2p = true;
  bool p2c = true;
  std::int64_t buckets = 0;
  std::int64_t range = 16;
  double dropout = 0;
};

template <class T>
std::vector<T> cast(const std::vector<double>& from) {
  return {from.begin(), from.end()};
}

/// Random numbers of a case, in double; columns behind the head are another head's.
struct Numbers {
  Numbers(const Case& shape, std::mt19937& random)
      : stride(shape.head_size + 3),
        rows(static_cast<std::size_t>(2 * (shape.buckets > 0 ? shape.buckets : shape.range))),
        relative({.content_to_position = shape.c2p,
                  .position_to_content = shape.p2c,
                  .buckets = shape.buckets,
                  .max_position = shape.range},
                 reach(shape)) {
    for (std::size_t s = 0; s < shape.keys.size(); ++s) {
      sequences.push_back(
          {positions.size(), shape.queries[s].size(), key_positions.size(), shape.keys[s].size(), kept});
      kept += sequences.back().kept_scores();
      positions.insert(positions.end(), shape.queries[s].begin(), shape.queries[s].end());
      key_positions.insert(key_positions.end(), shape.keys[s].begin(), shape.keys[s].end());
    }
    const std::size_t keys = key_positions.size();
    const auto draw = [&](std::size_t count) {
      std::normal_distribution<double> normal(0, 0.7);
      std::vector<double> values(count * stride);
      for (double& number : values) number = normal(random);
      return values;
    };
    query = draw(positions.size()), key = draw(keys), value = draw(keys), d_out = draw(positions.size());
    position_key = draw(rows), position_query = draw(rows);
  }

  static std::int64_t reach(const Case& shape) {
    std::int64_t highest = 0;
    for (const Positions* side : {&shape.queries, &shape.keys}) {
      for (const auto& sequence : *side) {
        for (const std::int32_t position : sequence) highest = std::max<std::int64_t>(highest, position);
      }
    }
    return highest + 1;
  }

  std::size_t stride, rows;
  std::size_t kept = 0;  // scores
  model::RelativeRows relative;
  std::vector<AttentionSequence> sequences;
  std::vector<std::int32_t> positions, key_positions;  // of all queries, of all keys
  std::vector<double> query, key, value, position_key, position_query, d_out;
};

constexpr double kScale = 0.4;
constexpr std::uint64_t kKey = 0x1234567890ABCDEF;

/// sum(out * d_out) by the formula, query by query: its derivatives are what backward gives.
double plain_loss(const Case& shape, const Numbers& in, std::vector<double>* out = nullptr) {
  const Dropout dropout{dropout_threshold(shape.dropout), kKey};
  const auto product = [&](const double* a, const double* b) {
    double sum = 0;
    for (std::size_t i = 0; i < shape.head_size; ++i) sum += a[i] * b[i];
    return sum;
  };
  double loss = 0;
  for (const AttentionSequence& sequence : in.sequences) {
    for (std::size_t q = sequence.first_query; q < sequence.first_query + sequence.query_count; ++q) {
      std::vector<double> scores(sequence.key_count);
      double sum = 0;
      const double* query = in.query.data() + q * in.stride;
      for (std::size_t k = 0; k < scores.size(); ++k) {
        const double* key = in.key.data() + (sequence.first_key + k) * in.stride;
        const auto row =
            static_cast<std::size_t>(in.relative(in.positions[q] - in.key_positions[sequence.first_key + k]));
        double score = product(query, key);
        if (shape.c2p) score += product(query, in.position_key.data() + row * in.stride);
        if (shape.p2c) score += product(key, in.position_query.data() + row * in.stride);
        sum += scores[k] = std::exp(score * kScale);
      }
      const Dropout row = dropout.of(q);
      for (std::size_t k = 0; k < scores.size(); ++k) {
        const auto low = static_cast<std::uint32_t>(row.key);
        const auto high = static_cast<std::uint32_t>(row.key >> 32);
        const bool dropped =
            dropout.active() && element_hash(low, high, static_cast<std::uint32_t>(k)) < row.threshold;
        scores[k] = dropped ? 0 : scores[k] / sum * (dropout.active() ? row.scale() : 1);
      }
      for (std::size_t i = 0; i < shape.head_size; ++i) {
        double mixed = 0;
        for (std::size_t k = 0; k < scores.size(); ++k) {
          mixed += scores[k] * in.value[(sequence.first_key + k) * in.stride + i];
        }
        if (out != nullptr) out->push_back(mixed);
        loss += mixed * in.d_out[q * in.stride + i];
      }
    }
  }
  return loss;
}

/// Everything that the kernel gives, in T.
template <class T>
struct Result {
  std::vector<T> out, d_query, d_key, d_value, d_position_key, d_position_query;
};

template <class T>
Result<T> run(const Case& shape, const Numbers& in, TrainingScratch<T>& scratch, bool keeps_scores) {
  const auto query = cast<T>(in.query), key = cast<T>(in.key), value = cast<T>(in.value),
             d_out = cast<T>(in.d_out);
  const auto kr = cast<T>(in.position_key), qr = cast<T>(in.position_query);
  constexpr T kUntouched = -77;
  Result<T> result{.out = std::vector<T>(query.size(), kUntouched),
                   .d_query = std::vector<T>(query.size(), kUntouched),
                   .d_key = std::vector<T>(key.size(), kUntouched),
                   .d_value = std::vector<T>(key.size(), kUntouched),
                   .d_position_key = std::vector<T>(kr.size()),
                   .d_position_query = std::vector<T>(qr.size())};
  std::vector<T> log_sums(in.positions.size()), scores(in.kept);
  const TrainingAttention<T> task{.sequences = in.sequences,
                                  .query = query.data(),
                                  .query_stride = in.stride,
                                  .query_positions = in.positions.data(),
                                  .key = key.data(),
                                  .value = value.data(),
                                  .key_stride = in.stride,
                                  .key_positions = in.key_positions.data(),
                                  .position_key = shape.c2p ? kr.data() : nullptr,
                                  .position_query = shape.p2c ? qr.data() : nullptr,
                                  .table_stride = in.stride,
                                  .relative = in.relative.centre(),
                                  .head_size = shape.head_size,
                                  .scale = static_cast<T>(kScale),
                                  .dropout = {dropout_threshold(shape.dropout), kKey},
                                  .out = result.out.data(),
                                  .log_sums = log_sums.data(),
                                  .scores = keeps_scores ? scores.data() : nullptr};
  attention_forward(task, scratch);
  attention_backward(task,
                     {.d_out = d_out.data(),
                      .d_query = result.d_query.data(),
                      .d_key = result.d_key.data(),
                      .d_value = result.d_value.data(),
                      .d_position_key = shape.c2p ? result.d_position_key.data() : nullptr,
                      .d_position_query = shape.p2c ? result.d_position_query.data() : nullptr},
                     scratch);
  return result;
}

/// With and without kept scores: the bits must be the same.
template <class T>
Result<T> run(const Case& shape, const Numbers& in, TrainingScratch<T>& scratch) {
  const Result<T> result = run(shape, in, scratch, true), anew = run(shape, in, scratch, false);
  EXPECT_EQ(result.out, anew.out);
  EXPECT_EQ(result.d_query, anew.d_query);
  EXPECT_EQ(result.d_key, anew.d_key);
  EXPECT_EQ(result.d_value, anew.d_value);
  EXPECT_EQ(result.d_position_key, anew.d_position_key);
  EXPECT_EQ(result.d_position_query, anew.d_position_query);
  return result;
}

/// Central differences of the formula for some random elements of one input.
void check_gradient(const Case& shape, Numbers& in, std::vector<double>& input,
                    const std::vector<double>& found, std::mt19937& random) {
  double largest = 1e-3;
  for (const double value : found) largest = std::max(largest, value == -77 ? 0 : std::abs(value));
  for (int trial = 0; trial < 12; ++trial) {
    const std::size_t row = random() % (input.size() / in.stride);
    const std::size_t at = row * in.stride + random() % shape.head_size;
    constexpr double kStep = 1e-5;
    const double before = std::exchange(input[at], input[at] + kStep);
    const double above = plain_loss(shape, in);
    input[at] = before - kStep;
    const double below = plain_loss(shape, in);
    input[at] = before;
    ASSERT_NEAR(found[at], (above - below) / (2 * kStep), 1e-7 * largest + 1e-9) << "element " << at;
  }
}

void check(const Case& shape, std::mt19937& random, TrainingScratch<double>& doubles,
           TrainingScratch<float>& floats) {
  Numbers in(shape, random);
  const auto exact = run<double>(shape, in, doubles);
  std::vector<double> wanted;
  plain_loss(shape, in, &wanted);
  for (std::size_t q = 0; q < in.positions.size(); ++q) {
    for (std::size_t i = 0; i < in.stride; ++i) {
      const double expected = i < shape.head_size ? wanted[q * shape.head_size + i] : -77;
      ASSERT_NEAR(exact.out[q * in.stride + i], expected, 1e-12) << "query " << q << ", column " << i;
    }
  }
  check_gradient(shape, in, in.query, exact.d_query, random);
  check_gradient(shape, in, in.key, exact.d_key, random);
  check_gradient(shape, in, in.value, exact.d_value, random);
  check_gradient(shape, in, in.position_key, exact.d_position_key, random);
  check_gradient(shape, in, in.position_query, exact.d_position_query, random);
  const auto rough = run<float>(shape, in, floats);
  const auto near = [](const std::vector<float>& found, const std::vector<double>& right) {
    for (std::size_t i = 0; i < found.size(); ++i)
      ASSERT_NEAR(static_cast<double>(found[i]), right[i], 3e-5) << i;
  };
  near(rough.out, exact.out), near(rough.d_query, exact.d_query), near(rough.d_key, exact.d_key);
  near(rough.d_value, exact.d_value), near(rough.d_position_key, exact.d_position_key);
  near(rough.d_position_query, exact.d_position_query);
}

TEST(AttentionTraining, GradientsAreTheDerivativesOverLengthsAndHeadSizes) {
  std::mt19937 random(1);
  on_every_target([&] {
    TrainingScratch<double> doubles;  // kept between heads of all sizes, as a thread does
    TrainingScratch<float> floats;
    for (const std::size_t length : {70, 1, 2, 15, 16, 17, 63, 64, 65}) {
      for (const std::size_t head_size : {1, 5, 16, 33}) {
        check({.queries = all_of({length, 3}), .keys = all_of({length, 3}), .head_size = head_size}, random,
              doubles, floats);
      }
    }
  });
}

TEST(AttentionTraining, GradientsAreTheDerivativesInEveryVariant) {
  std::mt19937 random(2);
  on_every_target([&] {
    TrainingScratch<double> doubles;
    TrainingScratch<float> floats;
    for (const bool c2p : {false, true}) {
      for (const bool p2c : {false, true}) {
        for (const auto& [buckets, range] : std::vector<std::pair<std::int64_t, std::int64_t>>{
                 {0, 4}, {0, 90}, {8, 32}, {7, 20}, {256, 512}}) {
          check({.queries = all_of({80}),
                 .keys = all_of({80}),
                 .c2p = c2p,
                 .p2c = p2c,
                 .buckets = buckets,
                 .range = range,
                 .dropout = 0.3},
                random, doubles, floats);
        }
      }
    }
  });
}

// As the mask decoder asks: few queries, far apart, also none, also one position twice.
TEST(AttentionTraining, GradientsAreTheDerivativesWhereQueriesAreFew) {
  std::mt19937 random(3);
  on_every_target([&] {
    TrainingScratch<double> doubles;
    TrainingScratch<float> floats;
    for (const std::int64_t buckets : {0, 16}) {
      check({.queries = {{3, 70, 71, 139}, {}, {0}, {5, 5, 2}},
             .keys = all_of({140, 4, 1, 9}),
             .buckets = buckets,
             .range = 200,
             .dropout = 0.1},
            random, doubles, floats);
    }
  });
}

/// `count` of the positions below `reach`, the first and the last among them where there are two.
std::vector<std::int32_t> some(std::size_t count, std::int32_t reach, std::mt19937& random) {
  std::set<std::int32_t> drawn = {0};
  if (count > 1) drawn.insert(reach - 1);
  while (drawn.size() < count)
    drawn.insert(static_cast<std::int32_t>(random() % static_cast<std::uint32_t>(reach)));
  return {drawn.begin(), drawn.end()};
}

TEST(AttentionTraining, GradientsAreTheDerivativesWhereKeysAreMissing) {
  std::mt19937 random(4);
  on_every_target([&] {
    TrainingScratch<double> doubles;
    TrainingScratch<float> floats;
    for (const std::size_t count : {2, 17, 64, 65, 131}) {
      for (const std::size_t head_size : {1, 5, 33}) {
        const auto reach = static_cast<std::int32_t>(count + count / 3 + 1);
        const Positions stay = {some(count, reach, random), {0, 2, 3}, {6}};
        check({.queries = stay, .keys = stay, .head_size = head_size, .buckets = 16, .range = 64}, random,
              doubles, floats);
      }
    }
  });
}

// One term of positions or none, far gaps, tiles with and without a gap, dropout; some of the rows asked for,
// in any order.
TEST(AttentionTraining, GradientsAreTheDerivativesWhereKeysAreMissingInEveryVariant) {
  std::mt19937 random(5);
  std::vector<std::int32_t> late = all_of({150}).front();  // gaps in the last tile only
  late.erase(late.begin() + 131, late.begin() + 140);
  on_every_target([&] {
    TrainingScratch<double> doubles;
    TrainingScratch<float> floats;
    for (const auto& [c2p, p2c] : std::vector<std::pair<bool, bool>>{{0, 0}, {0, 1}, {1, 0}, {1, 1}}) {
      const Positions keys = {some(70, 300, random), late, {0, 299}, {4, 5, 6}};
      const Case shape{.queries = keys, .keys = keys, .c2p = c2p, .p2c = p2c, .buckets = 0, .range = 90};
      check(shape, random, doubles, floats);
      Case few = shape;
      few.queries = {{keys[0][3], keys[0][30], keys[0][68]}, {149, 0, 70, 71}, {}, {5, 5, 320}};
      few.dropout = 0.2;
      check(few, random, doubles, floats);
    }
  });
}

// Only distances count, so a sequence whose positions all begin later has the same bits.
TEST(AttentionTraining, PositionsThatBeginLaterChangeNothing) {
  std::mt19937 random(6);
  on_every_target([&] {
    TrainingScratch<float> scratch;
    for (const Positions& stay : {all_of({75}), Positions{some(75, 100, random)}}) {
      Case shape{.queries = stay, .keys = stay, .head_size = 16, .buckets = 8, .range = 64, .dropout = 0.1};
      Numbers in(shape, random);
      const Result<float> first = run<float>(shape, in, scratch);
      for (std::int32_t& position : in.positions) position += 37;
      for (std::int32_t& position : in.key_positions) position += 37;
      in.relative = model::RelativeRows(
          {.content_to_position = true, .position_to_content = true, .buckets = 8, .max_position = 64}, 200);
      const Result<float> later = run<float>(shape, in, scratch);
      EXPECT_EQ(first.out, later.out);
      EXPECT_EQ(first.d_query, later.d_query);
      EXPECT_EQ(first.d_key, later.d_key);
      EXPECT_EQ(first.d_position_query, later.d_position_query);
    }
  });
}

TEST(Dropout, DropsItsShareAndDependsOnKeyAndPlaceAlone) {
  const Dropout dropout{dropout_threshold(0.1), 7};
  std::size_t dropped = 0;
  std::size_t together = 0;  // of neighbours
  constexpr std::uint32_t kRows = 1000, kColumns = 1000;
  for (std::uint32_t r = 0; r < kRows; ++r) {
    const Dropout row = dropout.of(r);
    bool before = false;
    for (std::uint32_t c = 0; c < kColumns; ++c) {
      const bool now = element_hash(static_cast<std::uint32_t>(row.key),
                                    static_cast<std::uint32_t>(row.key >> 32), c) < row.threshold;
      dropped += now;
      together += now && before;
      before = now;
    }
  }
  EXPECT_NEAR(static_cast<double>(dropped), 1e5, 5 * 300);  // a standard deviation is 300
  EXPECT_NEAR(static_cast<double>(together), 1e4, 5 * 100);
  EXPECT_NE(dropout.of(1).key, dropout.of(2).key);
  EXPECT_NEAR(dropout.scale(), 1 / 0.9, 1e-9);
}

}  // namespace
}  // namespace berta::kernels
