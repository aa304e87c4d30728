#include "cli/golden.h"

#include <algorithm>
#include <cmath>

#include "cli/encode_input.h"
#include "cli/encode_run.h"
#include "core/error.h"
#include "io/checkpoint.h"
#include "io/folder.h"

namespace berta::cli {
namespace {

using infer::Head;

std::vector<EncodeItem> read_items(const std::string& folder) {
  const std::string path = io::join(folder, "inputs.jsonl");
  const ModelSettings model;
  const StreamSettings stream;
  EncodeInput input(folder, model, stream);
  RecordReader reader(std::make_shared<InputFile>(path), path, {});
  std::vector<EncodeItem> items;
  Record record;
  while (reader.next(record)) items.push_back(input.make(record));
  return items;
}

Head head_of(const std::string& name, const std::string& what) {
  for (const Head head :
       {Head::none, Head::classification, Head::token, Head::qa, Head::choice, Head::mlm, Head::rtd}) {
    if (infer::name_of(head) == name) return head;
  }
  throw UserError(what + ": expected the name of a head, found '" + name + "'");
}

double difference(const std::vector<float>& found, const io::CheckpointTensor& expected) {
  std::vector<double> values(static_cast<std::size_t>(expected.view.size()));
  convert(expected.view, 0, std::span(values));
  if (values.size() != found.size()) {
    throw UserError(expected.file + ": tensor '" + expected.name + "': expected " +
                    std::to_string(values.size()) + " elements, the model gives " +
                    std::to_string(found.size()));
  }
  double worst = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double distance = std::abs(values[i] - static_cast<double>(found[i]));
    worst = std::isfinite(distance) ? std::max(worst, distance) : HUGE_VAL;
  }
  return worst;
}

}  // namespace

GoldenRequest read_golden_request(const std::string& folder) {
  const std::string path = io::join(folder, "request.json");
  const io::Json json = io::read_json(path);
  const auto word = [&](const char* key) {
    const io::Json* found = json.find(key);
    const std::string what = path + ": key '" + key + "'";
    if (found == nullptr) throw UserError(what + ": expected a string, found none");
    return found->as_string(what);
  };
  GoldenRequest request;
  request.head = head_of(word("head"), path + ": key 'head'");
  request.decoder = word("mlm_decoder") == "emd" ? infer::MaskDecoder::enhanced : infer::MaskDecoder::plain;
  request.saturation = word("relative_saturation") == "ms" ? model::Saturation::ms : model::Saturation::hf;
  if (word("source").starts_with("microsoft")) request.bound = 5e-5;
  return request;
}

GoldenResult compare_golden(const infer::Model& model, const std::string& folder,
                            const GoldenRequest& request) {
  const auto expected = io::Checkpoint::open(io::join(folder, "expected.safetensors"));
  const bool hidden = std::any_of(
      expected.tensors().begin(), expected.tensors().end(),
      [](const auto& tensor) { return tensor.name.find(".hidden_states.") != std::string::npos; });
  EncodeRun run(model, read_items(folder),
                {.head = request.head,
                 .decoder = request.decoder,
                 .hidden_states = hidden,
                 .logits = request.head != Head::none});
  GoldenResult result{.tensors = expected.tensors().size(), .worst = 0, .worst_tensor = ""};
  std::size_t compared = 0;
  for (const io::TensorSpec& spec : run.specs()) {
    const std::vector<float> found = run.take(spec.name);
    const io::CheckpointTensor* tensor = expected.find(spec.name);
    if (tensor == nullptr) continue;
    ++compared;
    if (tensor->view.shape != spec.shape) {
      throw UserError(tensor->file + ": tensor '" + spec.name + "': expected shape " +
                      to_string(tensor->view.shape) + ", the model gives " + to_string(spec.shape));
    }
    const double distance = difference(found, *tensor);
    if (distance > result.worst || result.worst_tensor.empty()) {
      result.worst = distance;
      result.worst_tensor = spec.name;
    }
  }
  if (compared != result.tensors) {
    throw UserError(folder + ": expected.safetensors has " + std::to_string(result.tensors) +
                    " tensors, the model gives " + std::to_string(compared) + " of them");
  }
  return result;
}

}  // namespace berta::cli
