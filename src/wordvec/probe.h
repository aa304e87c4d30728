#pragma once

#include <string>
#include <vector>

#include "wordvec/labelled_texts.h"
#include "wordvec/logistic.h"
#include "wordvec/text_mean.h"

namespace berta::wordvec {

/// A set of texts with labels, and the file that errors name.
struct LabelledSet {
  std::string name;
  std::vector<LabelledText> texts;
};

/// Moves a tenth of the texts (at least one) out of `set`, chosen by `seed`; both keep their order. Throws
/// UserError for fewer than two texts.
LabelledSet hold_out(LabelledSet& set, std::uint64_t seed);

struct ProbeOptions {
  double l2 = 1e-3;
  bool lowercase = false;  ///< the texts, before their words are looked up
};

/// How well a set was labelled.
struct ProbeScore {
  std::size_t texts = 0;
  std::size_t correct = 0;
  TextWords words;

  double accuracy() const { return static_cast<double>(correct) / static_cast<double>(texts); }
};

struct ProbeReport {
  std::vector<std::string> labels;  ///< sorted
  ProbeScore train;
  ProbeScore dev;
  LogisticFit fit;
};

/// How much of a task the vectors hold: logistic regression on the means of the texts' words, standardised by
/// the training texts, trained to convergence. Throws UserError for fewer than 2 or more than 1000 labels,
/// and for a label of `dev` that `train` has not.
ProbeReport probe(const WordVectors& vectors, const LabelledSet& train, const LabelledSet& dev,
                  const ProbeOptions& options);

}  // namespace berta::wordvec
