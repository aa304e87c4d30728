// Any bytes as word vectors, a vocabulary, a checkpoint of a training, or the questions and tables of the
// evaluation, by the first byte: a UserError, or something that is written and read back the same.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "core/error.h"
#include "io/line_reader.h"
#include "wordvec/analogies.h"
#include "wordvec/checkpoint.h"
#include "wordvec/examples.h"
#include "wordvec/labelled_texts.h"
#include "wordvec/read_vectors.h"
#include "wordvec/similarity.h"
#include "wordvec/vectors_file.h"
#include "wordvec/vocabulary.h"

namespace {

using namespace berta::wordvec;

void check(bool holds) {
  if (!holds) std::abort();
}

/// A file in memory, which the readers open by its name.
class MemoryFile {
 public:
  MemoryFile() : number_(::memfd_create("berta-fuzz", MFD_CLOEXEC)) { check(number_ >= 0); }
  ~MemoryFile() { ::close(number_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path_with(std::string_view text) const {
    check(::ftruncate(number_, 0) == 0);
    check(::pwrite(number_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
    return "/proc/self/fd/" + std::to_string(number_);
  }

 private:
  int number_;
};

std::string path_of(std::string_view text) {
  static const MemoryFile file;
  return file.path_with(text);
}

/// Of a file that is written and read again; files in memory cannot be replaced as a whole.
const std::string& second_path() {
  static const std::string path =
      (std::filesystem::temp_directory_path() / ("berta-fuzz-" + std::to_string(::getpid()))).string();
  return path;
}

bool same_words(const WordTable& a, const WordTable& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a.word(i) != b.word(i) || b.find(a.word(i)) != i) return false;
  }
  return true;
}

bool same_bits(const Matrix& a, const Matrix& b) {
  if (a.rows() != b.rows() || a.dimension() != b.dimension()) return false;
  for (std::size_t i = 0; i < a.rows(); ++i) {
    if (std::memcmp(a.row(i), b.row(i), a.dimension() * sizeof(float)) != 0) return false;
  }
  return true;
}

/// Text and binary have no place for words with blanks or line ends; what they have of others comes back.
void check_line_form(const WordVectors& read, VectorFormat format) {
  for (std::size_t i = 0; i < read.size(); ++i) {
    if (read.words.word(i).find_first_of(" \t\r\n\xef") != std::string_view::npos) return;
    for (const float value : read.vectors.vector(i)) {
      if (!std::isfinite(value)) return;
    }
  }
  write_vectors(second_path(), read, format);
  const WordVectors again =
      format == VectorFormat::text ? read_text_vectors(second_path()) : read_binary_vectors(second_path());
  check(same_words(read.words, again.words) && same_bits(read.vectors, again.vectors));
}

void check_vectors(std::string_view text) {
  const WordVectors read = read_vectors(path_of(text));
  check(read.size() == read.vectors.rows());
  read.find("unknown");
  write_vectors(second_path(), read, VectorFormat::safetensors);
  const WordVectors again = read_vectors(second_path());
  check(same_words(read.words, again.words) && same_bits(read.vectors, again.vectors));
  check(read.subwords.any() == again.subwords.any());
  if (again.subwords.any()) check(same_bits(read.buckets, again.buckets));
  check_line_form(read, VectorFormat::text);
  check_line_form(read, VectorFormat::word2vec_binary);
}

void check_vocabulary(std::string_view text) {
  const Vocabulary read = read_vocabulary(path_of(text));
  write_vocabulary(second_path(), read);
  const Vocabulary again = read_vocabulary(second_path());
  check(same_words(read.words, again.words) && read.counts == again.counts);
}

void check_checkpoint(std::string_view text, Loss loss) {
  TrainOptions options;
  options.loss = loss;
  options.dimension = 2;
  const std::vector<std::string> files = {"corpus"};
  const TrainCheckpoint read = read_checkpoint(path_of(text), options, files);
  write_checkpoint(second_path(), options, files, read);
  const TrainCheckpoint again = read_checkpoint(second_path(), options, files);
  check(same_words(read.model.vocabulary.words, again.model.vocabulary.words));
  check(read.model.vocabulary.counts == again.model.vocabulary.counts);
  check(same_bits(read.model.inputs, again.model.inputs) &&
        same_bits(read.model.outputs, again.model.outputs));
  check(read.tokens == again.tokens && read.state.tokens_done == again.state.tokens_done);
  check(read.state.epoch == again.state.epoch && read.state.position == again.state.position);
  check(read.state.streams == again.state.streams);
  // The training can go on.
  const ExampleMaker maker(read.model.vocabulary, options);
  berta::RandomStream random(read.state.streams.front());
  const std::vector<std::uint32_t> line = {0, static_cast<std::uint32_t>(read.model.vocabulary.size() - 1)};
  Example example;
  auto window = maker.draw_window(line.size(), 1, random);
  maker.make(line, window, random, example);
  check(window.empty() && example.outputs.size() <= maker.most_outputs());
  for (const std::uint32_t output : example.outputs) check(output < read.model.outputs.rows());
}

berta::io::LineReader lines_of(std::string_view& text) {
  return {"fuzz", [&text](std::span<char> out) {
            const std::size_t count = std::min(out.size(), text.size());
            std::memcpy(out.data(), text.data(), count);
            text.remove_prefix(count);
            return count;
          }};
}

void check_similarity(std::string_view text) {
  auto lines = lines_of(text);
  const auto pairs = read_similarity(lines);
  check(!pairs.empty());
  for (const auto& pair : pairs) check(!pair.first.empty() && !pair.second.empty());
}

void check_analogies(std::string_view text) {
  auto lines = lines_of(text);
  for (const auto& section : read_analogies(lines)) {
    check(!section.name.empty());
    for (const auto& question : section.questions) {
      for (const auto& word : question) check(!word.empty());
    }
  }
}

void check_table(std::string_view text, const TableColumns& columns) {
  auto lines = lines_of(text);
  for (const auto& row : read_labelled(lines, columns)) check(!row.label.empty() && row.line > 0);
}

void run(char kind, std::string_view text) {
  switch (kind) {
    case 'v':
      return check_vectors(text);
    case 'w':
      return check_vocabulary(text);
    case 'c':
      return check_checkpoint(text, Loss::negative_sampling);
    case 'h':
      return check_checkpoint(text, Loss::hierarchical_softmax);
    case 's':
      return check_similarity(text);
    case 'a':
      return check_analogies(text);
    case 't':
      return check_table(text, {});
    case 'n':
      return check_table(text, {.label = "label", .text = "2", .header = Header::automatic});
    default:
      return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  try {
    run(static_cast<char>(data[0]), {reinterpret_cast<const char*>(data) + 1, size - 1});
  } catch (const berta::UserError&) {
  }
  ::unlink(second_path().c_str());  // here, as libFuzzer leaves without destructors
  return 0;
}
