// Any bytes as the config.json of a small checkpoint: a UserError, or a config whose numbers fit together.
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "core/error.h"
#include "infer/config_reader.h"
#include "io/safetensors.h"

namespace {

/// A word embedding [8, 16] and a classifier of three labels: what config and tensors are compared by.
berta::io::Checkpoint make_checkpoint() {
  static const std::vector<float> data(8 * 16);
  const auto view = [](berta::Shape shape) {
    return berta::TensorView{.dtype = berta::DType::f32,
                             .shape = std::move(shape),
                             .data = reinterpret_cast<const std::byte*>(data.data())};
  };
  const auto path =
      (std::filesystem::temp_directory_path() / ("berta-fuzz-" + std::to_string(::getpid()) + ".safetensors"))
          .string();
  berta::io::write_safetensors(path, {{"deberta.embeddings.word_embeddings.weight", view({8, 16})},
                                      {"classifier.weight", view({3, 16})}});
  auto checkpoint = berta::io::Checkpoint::open(path);  // mapped, so the name is not needed any more
  std::filesystem::remove(path);
  return checkpoint;
}

void check(bool holds) {
  if (!holds) std::abort();
}

bool is_json(const std::string& text) {
  try {
    berta::io::parse_json(text, "entry");
    return true;
  } catch (const berta::UserError&) {
    return false;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const berta::io::Checkpoint checkpoint = make_checkpoint();
  try {
    auto json = berta::io::parse_json({reinterpret_cast<const char*>(data), size}, "fuzz");
    const auto info = berta::infer::read_config(std::move(json), "fuzz", checkpoint);
    const auto& config = info.config;
    check(config.heads > 0 && config.layers > 0 && config.attention_size() == config.hidden_size);
    check(config.embeddings.vocabulary == 8 && config.embeddings.size > 0);
    check(static_cast<std::int64_t>(info.labels.size()) == config.labels);
    check(!config.relative.enabled() || config.relative.span() > 0);
    check(config.convolution.kernel == 0 || config.hidden_size % config.convolution.groups == 0);
    for (const auto& entry : info.entries) check(is_json(entry.value));
  } catch (const berta::UserError&) {
  }
  return 0;
}
