#pragma once

#include <optional>
#include <string>
#include <vector>

#include "infer/inspection.h"

namespace berta::cli {

/// A tokenizer beside a model, and whether both fit.
struct TokenizerFacts {
  std::string description;  ///< empty: there is none
  std::string error;        ///< why not
  std::int64_t size = 0;
  std::optional<std::int32_t> mask;
  std::vector<std::string> specials;  ///< "[CLS] 1"
  std::optional<std::size_t> model_max_length;
  std::vector<std::string> remarks;  ///< what does not fit, one line each
};

struct InspectReport {
  std::string folder;
  infer::Inspection model;
  TokenizerFacts tokenizer;
};

/// Throws UserError as infer::inspect; a missing tokenizer is a fact.
InspectReport make_report(const std::string& folder);

std::string inspect_as_text(const InspectReport& report, bool all_tensors);
std::string inspect_as_json(const InspectReport& report);

/// "deberta-v2", "microsoft", ...
std::string_view name_of(infer::Dialect dialect);
std::string_view name_of(infer::Origin origin);

}  // namespace berta::cli
