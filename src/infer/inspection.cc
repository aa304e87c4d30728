#include "infer/inspection.h"

#include <algorithm>
#include <type_traits>

#include "infer/checkpoint_facts.h"
#include "infer/head_choice.h"
#include "ops/cpu.h"

namespace berta::infer {
namespace {

using Weights = ops::CpuOps;

/// For ParameterVisitor: looks each parameter up and reads nothing.
class Lookup {
 public:
  Lookup(const io::Checkpoint& checkpoint, TensorFinder& finder, Inspection& found)
      : checkpoint_(checkpoint), finder_(finder), found_(found) {}

  template <class P>
  void operator()(P&, const model::Parameter& wanted) const {
    const bool there =
        std::any_of(wanted.sources.begin(), wanted.sources.end(),
                    [&](const model::Source& source) { return checkpoint_.find(source.name) != nullptr; });
    if (!there) {
      found_.missing.push_back(wanted.sources.front().name + " " + to_string(wanted.shape));
      return;
    }
    try {
      const FoundTensor found = finder_.find(wanted);
      const TensorView& view = found.tensor->view;
      const auto size = static_cast<std::size_t>(view.size());
      if (found.packed || std::is_same_v<P, Weights::Table>) {
        found_.mapped_bytes += size * size_of(view.dtype);
      } else {
        found_.loaded_bytes += size * sizeof(Weights::Scalar);
      }
    } catch (const UserError& error) {
      found_.problems.emplace_back(error.what());
    }
  }

 private:
  const io::Checkpoint& checkpoint_;
  TensorFinder& finder_;
  Inspection& found_;
};

void list_tensors(const io::Checkpoint& checkpoint, Inspection& found) {
  for (const io::CheckpointTensor& tensor : checkpoint.tensors()) {
    found.tensors.push_back({.name = tensor.name,
                             .file = tensor.file,
                             .dtype = tensor.view.dtype,
                             .shape = tensor.view.shape,
                             .use = TensorFacts::Use::used});
  }
  for (const UnusedTensor& unused : found.report.unused) {
    const auto place = std::lower_bound(
        found.tensors.begin(), found.tensors.end(), unused.name,
        [](const TensorFacts& tensor, const std::string& name) { return tensor.name < name; });
    place->use = unused.known ? TensorFacts::Use::unused : TensorFacts::Use::unexpected;
  }
}

}  // namespace

Inspection inspect(const std::string& path) {
  const io::Checkpoint checkpoint = io::Checkpoint::open(path);
  Inspection found;
  found.info = read_config(path, checkpoint);
  found.files = checkpoint.files();
  const model::HeadShape heads = find_heads(checkpoint, found.info);
  const bool has_positions = has_position_table(checkpoint, found.info);
  TensorFinder finder(checkpoint);
  model::ModelWeights<Weights> weights;
  model::ParameterVisitor<Weights, Lookup> visitor(found.info.config, found.info.prefix,
                                                   Lookup(checkpoint, finder, found));
  visitor.encoder(weights.encoder, has_positions);
  visitor.heads(weights.heads, heads);
  found.report = make_report(checkpoint, found.info, finder);
  found.report.heads = heads_of(heads);
  found.head = choose_head(found.info, heads);
  found.enhanced_decoder = decodes_masks(found.info, heads, has_positions);
  list_tensors(checkpoint, found);
  return found;
}

}  // namespace berta::infer
