#include "wordvec/probe.h"

#include <algorithm>
#include <random>
#include <set>

#include "core/error.h"
#include "core/parallel.h"
#include "io/quote.h"
#include "wordvec/word_lookup.h"

namespace berta::wordvec {
namespace {

/// More labels than this are numbers or texts taken for labels, and a matrix that fills the memory.
constexpr std::size_t kMostLabels = 1000;

std::vector<std::string> labels_of(const LabelledSet& train) {
  std::set<std::string> labels;
  for (const LabelledText& text : train.texts) {
    labels.insert(text.label);
    if (labels.size() > kMostLabels) {
      throw UserError(train.name + ": line " + std::to_string(text.line) + ": expected at most " +
                      std::to_string(kMostLabels) + " labels, found more; is it the label's column?");
    }
  }
  if (labels.size() < 2) {
    throw UserError(train.name + ": expected at least two labels, found " +
                    (labels.empty() ? "none" : "only " + io::quoted(*labels.begin())));
  }
  return {labels.begin(), labels.end()};
}

std::vector<std::uint32_t> classes_of(const LabelledSet& set, const std::vector<std::string>& labels) {
  std::vector<std::uint32_t> classes;
  for (const LabelledText& text : set.texts) {
    const auto found = std::lower_bound(labels.begin(), labels.end(), text.label);
    if (found == labels.end() || *found != text.label) {
      throw UserError(set.name + ": line " + std::to_string(text.line) +
                      ": expected a label of the training texts, found " + io::quoted(text.label));
    }
    classes.push_back(static_cast<std::uint32_t>(found - labels.begin()));
  }
  return classes;
}

Examples examples_of(const WordVectors& vectors, const LabelledSet& set,
                     const std::vector<std::string>& labels, bool lowercase, TextWords& words) {
  Examples examples{.dimension = vectors.dimension(), .features = {}, .classes = classes_of(set, labels)};
  examples.features.resize(examples.size() * examples.dimension);
  std::vector<TextWords> counts(examples.size());
  parallel_for(examples.size(), 64, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const std::string& text = set.texts[i].text;
      const std::span<double> row =
          std::span(examples.features).subspan(i * examples.dimension, examples.dimension);
      counts[i] = mean_of_words(vectors, lowercase ? lower_case(text) : text, row);
    }
  });
  for (const TextWords& count : counts) words += count;
  return examples;
}

void count_correct(const LogisticModel& model, const Examples& examples, ProbeScore& score) {
  score.texts = examples.size();
  for (std::size_t i = 0; i < examples.size(); ++i) {
    if (model.classify(examples.row(i)) == examples.classes[i]) ++score.correct;
  }
}

}  // namespace

LabelledSet hold_out(LabelledSet& set, std::uint64_t seed) {
  const std::size_t count = set.texts.size();
  if (count < 2) throw UserError(set.name + ": expected at least two texts, found " + std::to_string(count));
  // Own draws: those of std::shuffle differ between libraries.
  std::mt19937_64 random(seed);
  std::vector<bool> taken(count);
  for (std::size_t left = std::max<std::size_t>(count / 10, 1); left > 0;) {
    const std::size_t i = random() % count;
    if (taken[i]) continue;
    taken[i] = true;
    --left;
  }
  LabelledSet rest{.name = set.name, .texts = {}};
  LabelledSet held{.name = set.name, .texts = {}};
  for (std::size_t i = 0; i < count; ++i) {
    (taken[i] ? held : rest).texts.push_back(std::move(set.texts[i]));
  }
  set = std::move(rest);
  return held;
}

ProbeReport probe(const WordVectors& vectors, const LabelledSet& train, const LabelledSet& dev,
                  const ProbeOptions& options) {
  ProbeReport report;
  report.labels = labels_of(train);
  Examples train_examples = examples_of(vectors, train, report.labels, options.lowercase, report.train.words);
  Examples dev_examples = examples_of(vectors, dev, report.labels, options.lowercase, report.dev.words);
  const Standardiser standardiser(train_examples);
  standardiser.apply(train_examples);
  standardiser.apply(dev_examples);
  report.fit = fit_logistic({.examples = train_examples, .classes = report.labels.size(), .l2 = options.l2});
  count_correct(report.fit.model, train_examples, report.train);
  count_correct(report.fit.model, dev_examples, report.dev);
  return report;
}

}  // namespace berta::wordvec
