#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/tensor_view.h"
#include "io/torch_pickle.h"

namespace berta::io {

/// Turns tensors of a pickle (storage, offset, shape, strides) into dense views of their storages' bytes.
class TensorBuilder {
 public:
  /// `budget`: bytes that tensors not in C order may take as copies, all together; a few bytes of file with
  /// stride 0 could ask for any amount.
  explicit TensorBuilder(std::size_t budget) : budget_(budget) {}

  /// `storage`: the bytes of the whole block. `what` names the tensor for errors.
  /// Throws UserError: a view beyond its storage, sizes that overflow, the budget spent.
  TensorView build(const PickleTensor& tensor, std::span<const std::byte> storage, const std::string& what);

  std::vector<std::shared_ptr<const void>> take_blocks() { return std::move(blocks_); }

 private:
  const std::byte* gather(const PickleTensor& tensor, const std::byte* first, std::size_t bytes,
                          const std::string& what);

  std::size_t budget_;
  std::vector<std::shared_ptr<const void>> blocks_;
};

}  // namespace berta::io
