#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "io/mapped_file.h"
#include "io/safetensors.h"
#include "wordvec/word_vectors.h"

namespace berta::wordvec {

/// A tensor of a safetensors file, written in pieces.
struct StoredTensor {
  using Sink = std::function<void(std::span<const std::byte>)>;
  io::TensorSpec spec;
  std::function<void(const Sink&)> write;
};

/// Rows as F32 [rows, dimension], without what is behind them in memory. What the makers get must outlive the
/// tensor.
StoredTensor matrix_tensor(const std::string& name, const Matrix& matrix);
/// U64 [numbers].
StoredTensor number_tensor(const std::string& name, std::span<const std::uint64_t> numbers);
/// "words" U8 [bytes], all words one behind the other, and "word_ends" U64 [words].
std::vector<StoredTensor> word_tensors(const WordTable& words);

/// The file appears whole or not at all. Throws UserError.
void write_tensors(const std::string& path, const std::vector<StoredTensor>& tensors,
                   const io::Metadata& metadata);

/// Reads what write_tensors wrote. All throw UserError that names file and tensor or key.
class TensorFile {
 public:
  explicit TensorFile(const std::string& path);

  bool has(const std::string& name) const { return find(name) != nullptr; }
  Matrix matrix(const std::string& name) const;
  std::vector<std::uint64_t> numbers(const std::string& name) const;
  WordTable words() const;
  /// Of the metadata.
  const std::string& text(const std::string& key) const;
  std::uint64_t number(const std::string& key) const;

  const std::string& path() const { return file_.path(); }
  [[noreturn]] void fail(const std::string& what) const;

 private:
  const io::NamedTensor* find(const std::string& name) const;
  const TensorView& tensor(const std::string& name, DType type, std::size_t rank) const;

  io::MappedFile file_;
  io::WeightFile content_;
};

}  // namespace berta::wordvec
