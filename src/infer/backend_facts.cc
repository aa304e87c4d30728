#include "infer/backend_facts.h"

namespace berta::infer {

BackendFacts backend_facts() {
  return ops::library_facts();
}

}  // namespace berta::infer
