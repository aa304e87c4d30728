#include "wordvec/examples.h"

#include <algorithm>
#include <cmath>

namespace berta::wordvec {
namespace {

constexpr std::uint32_t kAlways = 0xFFFFFFFFu;
/// Draws for one negative, at most on average.
constexpr std::uint32_t kMostDraws = 100;

/// word2vec.c's rule: of a word with relative frequency p, sqrt(t / p) + t / p.
std::uint32_t keep_of(double p, double t) {
  if (t <= 0 || p <= 0) return kAlways;
  const double keep = std::sqrt(t / p) + t / p;
  return keep >= 1 ? kAlways : static_cast<std::uint32_t>(keep * 0x1p32);
}

}  // namespace

ExampleMaker::ExampleMaker(const Vocabulary& vocabulary, const TrainOptions& options)
    : vocabulary_(vocabulary), options_(options) {
  const auto total = static_cast<double>(vocabulary.total());
  std::vector<double> weights;
  input_begins_.push_back(0);
  std::vector<std::uint32_t> buckets;
  for (std::uint32_t word = 0; word < vocabulary.size(); ++word) {
    const auto count = static_cast<double>(vocabulary.counts[word]);
    keep_.push_back(keep_of(count / total, options.downsample));
    weights.push_back(count > 0 ? std::pow(count, options.ns_exponent) : 0);
    inputs_.push_back(word);
    buckets.clear();
    append_subwords(options.subwords, vocabulary.words.word(word), buckets);
    for (const std::uint32_t bucket : buckets) {
      inputs_.push_back(static_cast<std::uint32_t>(vocabulary.size()) + bucket);
    }
    input_begins_.push_back(inputs_.size());
  }
  if (options.loss == Loss::hierarchical_softmax) {
    tree_.emplace(vocabulary.counts);
    return;
  }
  sampler_.emplace(weights);
  // Where only one word can be drawn it may be the positive one itself: then there is nothing to draw.
  const auto drawable = std::count_if(weights.begin(), weights.end(), [](double w) { return w > 0; });
  negatives_ = drawable > 1 ? options.negatives : 0;
  labels_.assign(1 + negatives_ + 15, 0.0f);
  labels_[0] = 1;
}

void ExampleMaker::take(std::string_view word, RandomStream& random, std::vector<std::uint32_t>& line) const {
  const auto number = vocabulary_.words.find(word);
  if (!number) return;
  const std::uint32_t keep = keep_[*number];
  if (keep != kAlways && static_cast<std::uint32_t>(random.next() >> 32) >= keep) return;
  line.push_back(*number);
}

bool ExampleMaker::make(std::span<const std::uint32_t> line, std::size_t centre, RandomStream& random,
                        Example& example) const {
  const std::size_t reach = 1 + random.below(options_.window);
  const std::size_t begin = centre - std::min(reach, centre);
  const std::size_t end = std::min(line.size(), centre + reach + 1);
  if (end - begin < 2) return false;
  example.inputs.clear();
  example.group_ends.clear();
  for (std::size_t i = begin; i < end; ++i) {
    if (i == centre) continue;
    const auto rows = inputs_of(line[i]);
    example.inputs.insert(example.inputs.end(), rows.begin(), rows.end());
    if (options_.model == Architecture::cbow && !example.group_ends.empty()) example.group_ends.pop_back();
    example.group_ends.push_back(static_cast<std::uint32_t>(example.inputs.size()));
  }
  set_outputs(line[centre], random, example);
  return true;
}

void ExampleMaker::set_outputs(std::uint32_t word, RandomStream& random, Example& example) const {
  if (tree_) {
    const auto way = tree_->way(word);
    example.outputs.assign(way.begin(), way.end());
    example.labels = tree_->labels(word);
    return;
  }
  example.outputs.clear();
  example.outputs.push_back(word);
  // Where nearly all weight lies on the positive word, an example has fewer negatives rather than no end.
  for (std::uint32_t draws = 0; example.outputs.size() <= negatives_ && draws < kMostDraws * negatives_;
       ++draws) {
    const std::uint32_t drawn = sampler_->draw(random);
    if (drawn != word) example.outputs.push_back(drawn);
  }
  example.labels = labels_.data();
}

std::size_t ExampleMaker::most_outputs() const {
  return tree_ ? tree_->longest() : 1 + negatives_;
}

}  // namespace berta::wordvec
