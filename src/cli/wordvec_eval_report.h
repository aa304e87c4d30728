#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "wordvec/analogies.h"
#include "wordvec/similarity.h"

namespace berta::cli {

struct AnalogyReport {
  std::string file;
  std::size_t words = 0;  ///< that took part
  std::vector<std::pair<std::string, wordvec::AnalogyScore>> sections;
  wordvec::AnalogyScore semantic;
  wordvec::AnalogyScore syntactic;
  wordvec::AnalogyScore total;
};

/// What `wordvec eval` found.
struct EvalReport {
  std::vector<std::pair<std::string, wordvec::SimilarityResult>> similarity;  ///< by file
  std::optional<AnalogyReport> analogies;
};

/// For people: a line a file or section.
std::string eval_as_text(const EvalReport& report);
/// One JSON object and an end of line; what is not defined is null.
std::string eval_as_json(const EvalReport& report);

}  // namespace berta::cli
