// Any bytes as a file of torch.save: a UserError, or tensors of which every byte can be read.
#include <cstdint>
#include <span>

#include "core/error.h"
#include "io/safetensors.h"
#include "io/torch_bin.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const berta::io::WeightFile file = berta::io::parse_torch(std::as_bytes(std::span(data, size)), "fuzz");
    unsigned sum = 0;
    for (const auto& tensor : file.tensors) {
      const auto length = berta::io::byte_size(tensor.view.dtype, tensor.view.shape).value();
      for (std::size_t i = 0; i < length; ++i) sum += static_cast<unsigned>(tensor.view.data[i]);
    }
    volatile unsigned kept = sum;  // so that the reads stay
    static_cast<void>(kept);
  } catch (const berta::UserError&) {
  }
  return 0;
}
