#pragma once

#include "golden_case.h"

namespace berta::tasks::testing {

/// Runs the task of a case on `runtime`.
io::Json run_task(const GoldenCase& golden, const Runtime& runtime);

}  // namespace berta::tasks::testing
