#include "wordvec/tensor_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "core/error.h"

namespace berta::wordvec {
namespace {

std::int64_t extent(std::size_t size) {
  return static_cast<std::int64_t>(size);
}

}  // namespace

StoredTensor matrix_tensor(const std::string& name, const Matrix& matrix) {
  return {{name, DType::f32, {extent(matrix.rows()), extent(matrix.dimension())}},
          [&matrix](const StoredTensor::Sink& sink) {
            for (std::size_t i = 0; i < matrix.rows(); ++i) sink(std::as_bytes(matrix.vector(i)));
          }};
}

StoredTensor number_tensor(const std::string& name, std::span<const std::uint64_t> numbers) {
  return {{name, DType::u64, {extent(numbers.size())}},
          [numbers](const StoredTensor::Sink& sink) { sink(std::as_bytes(numbers)); }};
}

std::vector<StoredTensor> word_tensors(const WordTable& words) {
  std::vector<std::uint64_t> ends;
  ends.reserve(words.size());
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < words.size(); ++i) ends.push_back(bytes += words.word(i).size());
  std::vector<StoredTensor> tensors;
  tensors.push_back(
      {{"words", DType::u8, {static_cast<std::int64_t>(bytes)}}, [&words](const StoredTensor::Sink& sink) {
         for (std::size_t i = 0; i < words.size(); ++i) {
           const std::string_view word = words.word(i);
           sink(std::as_bytes(std::span(word.data(), word.size())));
         }
       }});
  tensors.push_back({{"word_ends", DType::u64, {extent(ends.size())}},
                     [ends](const StoredTensor::Sink& sink) { sink(std::as_bytes(std::span(ends))); }});
  return tensors;
}

void write_tensors(const std::string& path, const std::vector<StoredTensor>& tensors,
                   const io::Metadata& metadata) {
  std::vector<io::TensorSpec> specs;
  specs.reserve(tensors.size());
  for (const StoredTensor& tensor : tensors) specs.push_back(tensor.spec);
  io::SafetensorsWriter writer(path, specs, metadata);
  // Rows and words are small: they are gathered before they are written.
  constexpr std::size_t kGathered = std::size_t{1} << 20;
  std::vector<std::byte> gathered;
  const auto flush = [&] {
    writer.write(gathered);
    gathered.clear();
  };
  for (const io::TensorSpec& next : writer.order()) {
    const auto tensor = std::find_if(tensors.begin(), tensors.end(),
                                     [&](const StoredTensor& other) { return other.spec.name == next.name; });
    tensor->write([&](std::span<const std::byte> bytes) {
      gathered.insert(gathered.end(), bytes.begin(), bytes.end());
      if (gathered.size() >= kGathered) flush();
    });
  }
  flush();
  writer.finish();
}

TensorFile::TensorFile(const std::string& path)
    : file_(path), content_(io::parse_safetensors(file_.bytes(), path)) {}

Matrix TensorFile::matrix(const std::string& name) const {
  const TensorView& view = tensor(name, DType::f32, 2);
  const auto rows = static_cast<std::size_t>(view.shape[0]);
  const auto dimension = static_cast<std::size_t>(view.shape[1]);
  if (dimension == 0) fail(fmt::format("tensor \"{}\": expected vectors, found a dimension of 0", name));
  Matrix matrix(rows, dimension);
  for (std::size_t i = 0; i < rows; ++i) {
    std::memcpy(matrix.row(i), view.data + i * dimension * sizeof(float), dimension * sizeof(float));
  }
  return matrix;
}

std::vector<std::uint64_t> TensorFile::numbers(const std::string& name) const {
  const TensorView& view = tensor(name, DType::u64, 1);
  std::vector<std::uint64_t> numbers(static_cast<std::size_t>(view.shape[0]));
  if (!numbers.empty()) std::memcpy(numbers.data(), view.data, numbers.size() * sizeof(std::uint64_t));
  return numbers;
}

WordTable TensorFile::words() const {
  const TensorView& bytes = tensor("words", DType::u8, 1);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data),
                              static_cast<std::size_t>(bytes.shape[0]));
  WordTable words;
  std::uint64_t begin = 0;
  for (const std::uint64_t end : numbers("word_ends")) {
    if (end <= begin || end > text.size()) {
      fail(fmt::format("tensor \"word_ends\": word {} does not end behind its beginning and within {} bytes",
                       words.size(), text.size()));
    }
    const std::size_t number = words.size();
    if (words.insert(text.substr(begin, end - begin)) != number) {
      fail(fmt::format("tensor \"words\": word {} comes a second time", number));
    }
    begin = end;
  }
  if (begin != text.size()) fail("tensor \"words\": bytes behind the last word");
  return words;
}

const std::string& TensorFile::text(const std::string& key) const {
  for (const auto& [name, value] : content_.metadata) {
    if (name == key) return value;
  }
  fail(fmt::format("no key \"{}\" in its metadata", key));
}

std::uint64_t TensorFile::number(const std::string& key) const {
  const std::string& value = text(key);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size()) {
    fail(fmt::format("metadata \"{}\": expected a number, found \"{}\"", key, value));
  }
  return number;
}

void TensorFile::fail(const std::string& what) const {
  throw UserError(path() + ": " + what);
}

const io::NamedTensor* TensorFile::find(const std::string& name) const {
  for (const io::NamedTensor& tensor : content_.tensors) {
    if (tensor.name == name) return &tensor;
  }
  return nullptr;
}

const TensorView& TensorFile::tensor(const std::string& name, DType type, std::size_t rank) const {
  const io::NamedTensor* found = find(name);
  if (found == nullptr) fail(fmt::format("no tensor \"{}\": not word vectors as Berta writes them", name));
  if (found->view.dtype != type || found->view.shape.size() != rank) {
    fail(fmt::format("tensor \"{}\": expected {} of rank {}, found {} {}", name, name_of(type), rank,
                     name_of(found->view.dtype), to_string(found->view.shape)));
  }
  return found->view;
}

}  // namespace berta::wordvec
