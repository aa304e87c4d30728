#include <gtest/gtest.h>

#include <map>
#include <string>

#include "../chi_square.h"
#include "corpus/ngram_masker.h"
#include "io/json.h"
#include "masking_sequences.h"

namespace berta::corpus {
namespace {

using namespace testing;
using Histogram = std::map<std::string, double>;

/// The same histograms as the script's.
struct Histograms {
  std::map<std::string, Histogram> by_name;

  void add(const std::vector<std::int32_t>& ids, const MaskedSequence& masked, bool by_word) {
    std::vector<bool> hit(ids.size());
    for (std::size_t k = 0; k < masked.positions.size(); ++k) {
      const std::size_t place = masked.positions[k];
      hit[place] = true;
      const std::int32_t now = masked.ids[place];
      ++by_name["kinds"][now == kMaskId ? "masked" : now == ids[place] ? "kept" : "random"];
    }
    ++by_name["first"][std::to_string(masked.positions.front())];
    ++by_name["last"][std::to_string(masked.positions.back() / 4)];
    ++by_name["predicted"][std::to_string(masked.positions.size())];
    add_runs(ids, hit, by_word);
  }

  void add_runs(const std::vector<std::int32_t>& ids, const std::vector<bool>& hit, bool by_word) {
    int length = 0;
    bool started = false;
    const auto end = [&] {
      if (length > 0) ++by_name["runs"][std::to_string(length)];
      length = 0;
    };
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (is_special(ids[i]) || (started && by_word && continues(ids[i]))) continue;
      started = true;
      if (hit[i]) {
        ++length;
      } else {
        end();
      }
    }
    end();
  }
};

/// p of two histograms under one law; classes of fewer than 20 together become one.
double p_of(const Histogram& ours, const io::Json& golden) {
  std::vector<double> a, b;
  double rest_a = 0, rest_b = 0;
  Histogram all = ours;
  for (const auto& [key, count] : golden.as_object("histogram")) all.emplace(key, 0);
  for (const auto& [key, count] : all) {
    const io::Json* found = golden.find(key);
    const double theirs = found == nullptr ? 0 : found->as_number(key);
    if (count + theirs < 20) {
      rest_a += count;
      rest_b += theirs;
    } else {
      a.push_back(count);
      b.push_back(theirs);
    }
  }
  if (rest_a + rest_b > 0) {
    a.push_back(rest_a);
    b.push_back(rest_b);
  }
  return a.size() < 2 ? 1 : test::p_of_two_samples(a, b);
}

TEST(MaskingGolden, HasTheDistributionsOfMicrosoftsGenerator) {
  const io::Json golden = io::read_json(std::string(BERTA_TEST_DATA) + "/goldens/corpus/masking.json");
  const auto sequences = static_cast<std::uint32_t>(golden.find("sequences")->as_integer("sequences"));
  ASSERT_EQ(golden.find("length")->as_integer("length"), kLength);
  const std::map<std::string, MaskOptions> cases = {
      {"mlm", {.max_ngram = 3, .seed = 11}},
      {"mlm_unigram", {.max_ngram = 1, .seed = 12}},
      {"mlm_capped", {.max_ngram = 3, .max_length = 50, .seed = 13}},
      {"rtd", {.max_ngram = 1, .keep = 0, .random = 0, .seed = 14}}};
  for (const auto& [name, options] : cases) {
    const NgramMasker masker(golden_facts(), options);
    Histograms ours;
    MaskedSequence masked;
    for (std::uint32_t index = 0; index < sequences; ++index) {
      const auto ids = golden_sequence(index);
      masker.mask(ids, index, masked);
      ours.add(ids, masked, options.max_ngram > 1);
    }
    const io::Json* expected = golden.find("cases")->find(name);
    ASSERT_NE(expected, nullptr) << name;
    for (const auto& [kind, histogram] : expected->as_object(name)) {
      EXPECT_GT(p_of(ours.by_name[kind], histogram), 0.01) << name << " " << kind;
    }
  }
}

}  // namespace
}  // namespace berta::corpus
