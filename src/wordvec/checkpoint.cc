#include "wordvec/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "wordvec/tensor_file.h"

namespace berta::wordvec {
namespace {

constexpr const char* kFormat = "berta word training";
constexpr std::size_t kStreamWords = std::tuple_size_v<RandomStream::State>;

/// Names of files as text: bytes that JSON would not keep as %XX.
std::string listed(const std::vector<std::string>& files) {
  std::string list;
  for (const std::string& file : files) {
    if (!list.empty()) list += ", ";
    for (const char c : file) {
      if (c > 31 && c < 127 && c != '%' && c != ',') {
        list += c;
      } else {
        list += fmt::format("%{:02X}", static_cast<unsigned char>(c));
      }
    }
  }
  return list;
}

io::Metadata identity(const TrainOptions& options, const std::vector<std::string>& files) {
  io::Metadata metadata = describe(options);
  metadata.emplace_back("files", listed(files));
  metadata.emplace_back("format", kFormat);
  return metadata;
}

/// Refuses sizes that do not go together: they come from a file.
void check_sizes(const TensorFile& file, const TrainCheckpoint& read, const TrainOptions& options) {
  const std::size_t words = read.model.vocabulary.size();
  const std::size_t buckets = options.subwords.any() ? options.subwords.buckets : 0;
  const std::size_t nodes = words < 2 ? 0 : words - 1;
  const std::size_t outputs = options.loss == Loss::negative_sampling ? words : nodes;
  const Matrix& in = read.model.inputs;
  const Matrix& out = read.model.outputs;
  if (words == 0 || read.model.vocabulary.counts.size() != words || in.rows() != words + buckets ||
      out.rows() != outputs || in.dimension() != options.dimension || out.dimension() != options.dimension ||
      read.state.streams.empty() || read.tokens == 0 || read.model.vocabulary.total() == 0) {
    file.fail("its tensors do not go together; the file is damaged");
  }
}

}  // namespace

void write_checkpoint(const std::string& path, const TrainOptions& options,
                      const std::vector<std::string>& files, const TrainCheckpoint& checkpoint) {
  const TrainState& state = checkpoint.state;
  std::vector<std::uint64_t> streams;
  for (const auto& stream : state.streams) streams.insert(streams.end(), stream.begin(), stream.end());
  std::vector<StoredTensor> tensors = word_tensors(checkpoint.model.vocabulary.words);
  tensors.push_back(number_tensor("counts", checkpoint.model.vocabulary.counts));
  tensors.push_back(number_tensor("streams", streams));
  tensors.push_back(matrix_tensor("inputs", checkpoint.model.inputs));
  tensors.push_back(matrix_tensor("outputs", checkpoint.model.outputs));
  io::Metadata metadata = identity(options, files);
  const auto add = [&](const char* key, std::uint64_t value) {
    metadata.emplace_back(key, fmt::to_string(value));
  };
  add("tokens", checkpoint.tokens);
  add("tokens_done", state.tokens_done);
  add("epoch", state.epoch);
  add("file", state.position.file);
  add("offset", state.position.offset);
  add("line", state.position.line);
  write_tensors(path, tensors, metadata);
}

TrainCheckpoint read_checkpoint(const std::string& path, const TrainOptions& options,
                                const std::vector<std::string>& files) {
  const TensorFile file(path);
  for (const auto& [key, wanted] : identity(options, files)) {
    const std::string& found = file.text(key);
    if (found == wanted) continue;
    file.fail(fmt::format("a training with {} \"{}\", not \"{}\"", key, found, wanted));
  }
  TrainCheckpoint read;
  read.model.vocabulary = {file.words(), file.numbers("counts")};
  read.model.inputs = file.matrix("inputs");
  read.model.outputs = file.matrix("outputs");
  read.tokens = file.number("tokens");
  read.state.epoch =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(file.number("epoch"), options.epochs));
  read.state.position = {file.number("file"), file.number("offset"), file.number("line")};
  read.state.tokens_done = file.number("tokens_done");
  const std::vector<std::uint64_t> streams = file.numbers("streams");
  for (std::size_t i = 0; i + kStreamWords <= streams.size(); i += kStreamWords) {
    RandomStream::State state;
    std::copy_n(streams.begin() + static_cast<std::ptrdiff_t>(i), kStreamWords, state.begin());
    read.state.streams.push_back(state);
  }
  check_sizes(file, read, options);
  if (read.state.position.file > files.size()) file.fail("its position is behind the last file");
  return read;
}

}  // namespace berta::wordvec
