// Any bytes as a safetensors file: a UserError, or tensors that lie inside the bytes.
#include <cstdint>
#include <cstdlib>
#include <span>

#include "core/error.h"
#include "io/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  try {
    const berta::io::WeightFile file = berta::io::parse_safetensors(bytes, "fuzz");
    for (const auto& tensor : file.tensors) {
      const auto length = berta::io::byte_size(tensor.view.dtype, tensor.view.shape).value();
      const auto begin = static_cast<std::size_t>(tensor.view.data - bytes.data());
      if (begin > size || length > size - begin) std::abort();
    }
  } catch (const berta::UserError&) {
  }
  return 0;
}
