#pragma once

#include <string>
#include <vector>

#include "io/json.h"
#include "tasks/runtime.h"

namespace berta::tasks::testing {

/// One line of tests/goldens/tasks/cases.jsonl.
struct GoldenCase {
  std::string name;  ///< "ner_deberta_first"
  io::Json json;

  const io::Json& at(const char* key) const;
};

std::vector<GoldenCase> read_golden_cases();

/// A model of tests/goldens/tasks as it is.
Runtime make_runtime(const std::string& model, const ModelOptions& options = {});

/// What the task says to the inputs, in the form of the goldens, on the case's model with its changes of
/// config and its further files.
io::Json run_case(const GoldenCase& golden);

}  // namespace berta::tasks::testing
