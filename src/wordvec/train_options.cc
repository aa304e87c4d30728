#include "wordvec/train_options.h"

#include <fmt/format.h>

namespace berta::wordvec {

double TrainOptions::first_rate() const {
  if (rate > 0) return rate;
  const bool corrected = cbow_update == CbowUpdate::corrected;
  // With subwords an input is a mean of some fifteen rows, and the corrected step of each is as much shorter.
  if (model == Architecture::skipgram) return corrected && subwords.any() ? 0.25 : 0.05;
  return corrected ? 0.15 : 0.075;
}

std::vector<std::pair<std::string, std::string>> describe(const TrainOptions& o) {
  return {
      {"model", o.model == Architecture::cbow ? "cbow" : "skipgram"},
      {"cbow-update", o.cbow_update == CbowUpdate::corrected ? "corrected" : "classic"},
      {"loss", o.loss == Loss::negative_sampling ? "ns" : "hs"},
      {"dim", fmt::to_string(o.dimension)},
      {"window", fmt::to_string(o.window)},
      {"negatives", fmt::to_string(o.negatives)},
      {"lr", fmt::to_string(o.first_rate())},
      {"min-lr", fmt::to_string(o.min_rate)},
      {"epochs", fmt::to_string(o.epochs)},
      {"downsample", fmt::to_string(o.downsample)},
      {"ns-exponent", fmt::to_string(o.ns_exponent)},
      {"subwords", fmt::format("{},{},{}", o.subwords.shortest, o.subwords.longest, o.subwords.buckets)},
      {"seed", fmt::to_string(o.seed)},
  };
}

}  // namespace berta::wordvec
