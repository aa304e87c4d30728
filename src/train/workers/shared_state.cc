#include "train/workers/shared_state.h"

#include <algorithm>
#include <sstream>
#include <string_view>

namespace berta::train {
namespace {

void send_text(Workers& workers, std::string& text) {
  text.resize(static_cast<std::size_t>(number_of_first(workers, static_cast<double>(text.size()))));
  if (text.empty()) return;
  const at::Tensor bytes =
      at::from_blob(text.data(), {static_cast<std::int64_t>(text.size())}, at::TensorOptions(at::kByte));
  workers.send(bytes);
}

void send_facts(Workers& workers, std::map<std::string, std::string>& facts) {
  std::string text;
  for (const auto& [name, value] : facts) text += name + '\0' + value + '\0';
  send_text(workers, text);
  facts.clear();
  auto next = [rest = std::string_view(text)]() mutable {
    const std::string_view word = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(word.size() + 1);
    return std::string(word);
  };
  for (auto left = std::count(text.begin(), text.end(), '\0'); left > 0; left -= 2) {
    std::string name = next();
    facts[name] = next();
  }
}

/// Of each tensor its name, type and shape, a line each; then the tensors.
void send_tensors(Workers& workers, TrainingState& state) {
  std::ostringstream said;
  for (const auto& [name, tensor] : state.tensors) {
    said << name << '\n' << static_cast<int>(tensor.scalar_type()) << ' ' << tensor.dim();
    for (const std::int64_t extent : tensor.sizes()) said << ' ' << extent;
    said << '\n';
  }
  std::string text = said.str();
  send_text(workers, text);
  if (!workers.is_first()) {
    std::istringstream lines(text);
    for (std::string name; std::getline(lines, name);) {
      int type = 0;
      std::size_t dimensions = 0;
      lines >> type >> dimensions;
      std::vector<std::int64_t> shape(dimensions);
      for (std::int64_t& extent : shape) lines >> extent;
      lines.ignore();
      state.tensors.emplace_back(name, at::empty(shape, static_cast<at::ScalarType>(type)));
    }
  }
  for (const auto& [name, tensor] : state.tensors) {
    if (tensor.numel() > 0) workers.send(tensor.detach());
  }
}

}  // namespace

void send_state(Workers& workers, TrainingState& state) {
  if (workers.alone()) return;
  state.step = static_cast<std::int64_t>(number_of_first(workers, static_cast<double>(state.step)));
  send_facts(workers, state.facts);
  send_tensors(workers, state);
}

}  // namespace berta::train
