#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/labelled_text.h"

namespace berta::data {

/// A gold answer, which stands in the context.
struct SquadAnswer {
  std::string text{};
  std::size_t begin = 0;  ///< in code points of the context
};

struct SquadQuestion {
  std::string id{};
  std::string question{};
  std::size_t context = 0;             ///< index in SquadData::contexts
  std::vector<SquadAnswer> answers{};  ///< at least one, but of impossible questions none
  bool impossible = false;
};

/// Many questions have one context, so contexts stand apart.
struct SquadData {
  std::vector<std::string> contexts{};
  std::vector<SquadQuestion> questions{};
  std::size_t skipped_answers = 0;    ///< only where they are skipped
  std::size_t skipped_questions = 0;  ///< without a right answer

  const std::string& context_of(const SquadQuestion& question) const { return contexts[question.context]; }
};

struct SquadOptions {
  bool skip_wrong_answers = false;  ///< leave out and count answers that disagree with the context
  std::size_t max_samples = kNoLimit;
};

/// Reads the official JSON form of SQuAD 1.1 or 2.0, plain or gzip: data, paragraphs, qas.
/// Throws UserError "FILE: question \"ID\": answer 1: expected \"x\" at code point 515 of the context, found
/// \"y\"", for an id that is there twice, for answers of an impossible question, for questions without
/// answer, for other structure ("FILE: data[3].paragraphs[0]: ..."), and for a file without questions.
SquadData read_squad(const std::string& path, const SquadOptions& options = {});

}  // namespace berta::data
