#include "train/dump_step.h"

#include <vector>

#include "io/mapped_file.h"
#include "io/safetensors.h"

namespace berta::train {
namespace {

/// Floats that live until the file is written.
struct Tensors {
  std::vector<at::Tensor> kept;
  std::vector<io::NamedTensor> named;

  void add(const std::string& name, const at::Tensor& tensor) {
    kept.push_back(tensor.detach().to(at::kCPU, at::kFloat).contiguous());
    const at::Tensor& floats = kept.back();
    named.push_back(
        {name, {DType::f32, floats.sizes().vec(), static_cast<const std::byte*>(floats.const_data_ptr())}});
  }
};

}  // namespace

void dump_gradients(const std::string& file, const TrainModel& model, double loss,
                    const DumpedTensors& more) {
  Tensors tensors;
  for (const auto& [name, tensor] : more) tensors.add(name, tensor);
  tensors.add("loss", at::tensor(loss, at::kFloat));
  for (const TrainParameter& parameter : model.parameters) {
    const at::Tensor& gradient = parameter.tensor.grad();
    if (gradient.defined()) {
      tensors.add("gradient." + parameter.name, gradient.is_sparse() ? gradient.to_dense() : gradient);
    }
  }
  io::write_safetensors(file, tensors.named);
}

void dump_weights(const std::string& file, const TrainModel& model) {
  const io::MappedFile before(file);
  Tensors tensors;
  tensors.named = io::parse_safetensors(before.bytes(), file).tensors;
  for (const TrainParameter& parameter : model.parameters)
    tensors.add("weight." + parameter.name, parameter.tensor);
  io::write_safetensors(file, tensors.named);
}

}  // namespace berta::train
