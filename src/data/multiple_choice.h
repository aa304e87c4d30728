#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/labelled_text.h"

namespace berta::data {

struct MultipleChoice {
  std::string context{};               ///< may be empty if there is a question
  std::string question{};              ///< may be empty if there is a context
  std::vector<std::string> choices{};  ///< at least two
  std::size_t label = 0;               ///< index of the right one
};

/// Reads JSON lines (or an array): "context" (or "ctx", "article", "passage", "sent1"), "question" (or
/// "sent2"), "choices" (or "endings", "options"): an array of texts, and "label" (or "answer", "answerKey"):
/// an index from 0, also as a string of digits, or a letter from A. Throws UserError "FILE: line 7: expected
/// ..., found ..."; and for a file without samples.
std::vector<MultipleChoice> read_multiple_choice(const std::string& path, std::size_t max_samples = kNoLimit);

}  // namespace berta::data
