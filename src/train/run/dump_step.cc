#include "train/run/dump_step.h"

#include "io/safetensors.h"

namespace berta::train {
namespace {

at::Tensor integers(const std::vector<std::int32_t>& values) {
  return at::tensor(values, at::kInt);
}

}  // namespace

void StepDump::add(const std::string& name, const at::Tensor& tensor) {
  const bool floats = tensor.is_floating_point();
  // A copy: the next step changes weights where they lie.
  kept_.push_back(tensor.detach()
                      .to(at::kCPU, floats ? at::kFloat : at::kInt, /*non_blocking=*/false, /*copy=*/true)
                      .contiguous());
  const at::Tensor& plain = kept_.back();
  named_.push_back({name,
                    {floats ? DType::f32 : DType::i32, plain.sizes().vec(),
                     static_cast<const std::byte*>(plain.const_data_ptr())}});
}

void StepDump::add_batch(const std::string& prefix, const Batch& batch) {
  add(prefix + "input_ids", integers(batch.tokens.ids));
  add(prefix + "positions", integers(batch.tokens.rows.positions));
  add(prefix + "starts", integers(batch.tokens.rows.starts));
  add(prefix + "picked_rows", integers(batch.picked_rows));
}

void StepDump::add_gradients(const std::string& prefix, const TrainModel& model) {
  for (const TrainParameter& parameter : model.parameters) {
    const at::Tensor& gradient = parameter.tensor.grad();
    if (!gradient.defined()) continue;
    add(prefix + "gradient." + parameter.name, gradient.is_sparse() ? gradient.to_dense() : gradient);
  }
}

void StepDump::add_weights(const std::string& prefix, const TrainModel& model) {
  for (const TrainParameter& parameter : model.parameters)
    add(prefix + "weight." + parameter.name, parameter.tensor);
}

void StepDump::write(const std::string& file) const {
  io::write_safetensors(file, named_);
}

}  // namespace berta::train
