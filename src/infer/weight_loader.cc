#include "infer/weight_loader.h"

#include <algorithm>

namespace berta::infer {

std::string describe(const io::CheckpointTensor& tensor) {
  return tensor.file + ": tensor '" + tensor.name + "'";
}

ops::Stored stored_part(const FoundTensor& found, const model::Config& config) {
  const TensorView& view = found.tensor->view;
  if (found.part == model::Part::whole) return {view, describe(*found.tensor), 0, view.size(), view.size()};
  const std::int64_t block = config.head_size * config.hidden_size;
  const std::int64_t third =
      static_cast<std::int64_t>(found.part) - static_cast<std::int64_t>(model::Part::query_rows);
  return {view, describe(*found.tensor), third * block, block, 3 * block};
}

bool TensorFinder::has(const model::Parameter& parameter) const {
  return std::any_of(parameter.sources.begin(), parameter.sources.end(),
                     [&](const model::Source& source) { return checkpoint_.find(source.name) != nullptr; });
}

FoundTensor TensorFinder::find(const model::Parameter& parameter) {
  const FoundTensor found = find_derived(parameter);
  if (found.packed) {
    std::int64_t size = 1;
    for (const std::int64_t extent : parameter.shape) size *= extent;
    parameters_ += size;
  } else if (found.part != model::Part::zero) {
    parameters_ += found.tensor->view.size() / (found.part == model::Part::whole ? 1 : 3);
  }
  return found;
}

FoundTensor TensorFinder::find_derived(const model::Parameter& parameter) {
  for (const model::Source& source : parameter.sources) {
    const io::CheckpointTensor* tensor = checkpoint_.find(source.name);
    if (tensor == nullptr) continue;
    used_.insert(source.name);
    if (prepared_ && tensor->view.shape.size() == 4) {
      check_panels(*tensor, parameter);
      return {tensor, source.part, true};
    }
    check_shape(*tensor, parameter, source.part);
    return {tensor, source.part};
  }
  throw UserError(checkpoint_.files().front() + ": expected a tensor '" + parameter.sources.front().name +
                  "' of shape " + to_string(parameter.shape) + ", found none of that name");
}

void TensorFinder::check_shape(const io::CheckpointTensor& tensor, const model::Parameter& parameter,
                               model::Part part) const {
  if (!is_floating(tensor.view.dtype)) {
    throw UserError(describe(tensor) + ": expected floating-point numbers, found " +
                    std::string(name_of(tensor.view.dtype)));
  }
  if (part == model::Part::zero) return;
  Shape wanted = parameter.shape;
  if (part != model::Part::whole) wanted[0] *= 3;
  const Shape& found = tensor.view.shape;
  bool equal = found.size() == wanted.size();
  for (std::size_t i = 0; equal && i < wanted.size(); ++i) {
    equal = wanted[i] < 0 ? found[i] > 0 : found[i] == wanted[i];
  }
  if (!equal) {
    throw UserError(describe(tensor) + ": expected shape " + to_string(wanted) + ", found " +
                    to_string(found));
  }
}

}  // namespace berta::infer
