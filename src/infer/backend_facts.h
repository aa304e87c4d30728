#pragma once

#include "ops/library_facts.h"

namespace berta::infer {

/// What computes on this machine, for `doctor`.
using BackendFacts = ops::LibraryFacts;
BackendFacts backend_facts();

}  // namespace berta::infer
