#include "train/heads/task_data.h"

namespace berta::train {

infer::Sequence to_sequence(tokenizer::Encoding encoding) {
  infer::Sequence sequence;
  sequence.ids = std::move(encoding.ids);
  sequence.types = std::move(encoding.type_ids);
  return sequence;
}

at::Tensor class_tensor(Examples examples, const at::Tensor& like) {
  std::vector<std::int64_t> labels;
  for (const Example* example : examples) labels.push_back(example->label);
  return at::tensor(labels, at::kLong).to(like.device());
}

at::Tensor value_tensor(Examples examples, const at::Tensor& like) {
  std::vector<double> values;
  for (const Example* example : examples) values.push_back(example->value);
  return at::tensor(values, at::kDouble).to(like.options());
}

std::vector<float> numbers_of(const at::Tensor& logits) {
  const at::Tensor numbers = logits.detach().to(at::kCPU, at::kFloat).contiguous();
  const auto* data = numbers.const_data_ptr<float>();
  return {data, data + numbers.numel()};
}

}  // namespace berta::train
