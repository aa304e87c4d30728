#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <span>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "io/byte_source.h"
#include "io/line_reader.h"
#include "io/quote.h"
#include "wordvec/header_line.h"
#include "wordvec/read_vectors.h"

namespace berta::wordvec {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t end = text.find_last_not_of(kBlanks);
  return text.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

/// Takes the last field off `line`; empty if there is none.
std::string_view take_last(std::string_view& line) {
  const std::size_t blank = line.find_last_of(kBlanks);
  if (blank == std::string_view::npos) return {};
  const std::string_view field = line.substr(blank + 1);
  line = trimmed(line.substr(0, blank));
  return field;
}

/// Rows as they come, in pieces, so that their number need not be known.
class Rows {
 public:
  explicit Rows(std::size_t dimension)
      : dimension_(dimension), piece_(std::max<std::size_t>(1, kPieceFloats / dimension)) {}

  std::size_t dimension() const { return dimension_; }
  std::span<float> add() {
    if (count_ % piece_ == 0) pieces_.emplace_back(piece_ * dimension_);
    return std::span(pieces_.back()).subspan(count_++ % piece_ * dimension_, dimension_);
  }
  std::size_t count() const { return count_; }

  /// Gives each piece back as soon as it is copied.
  Matrix take() {
    Matrix matrix(count_, dimension_);
    for (std::size_t i = 0; i < count_; ++i) {
      std::vector<float>& piece = pieces_[i / piece_];
      std::copy_n(piece.begin() + static_cast<std::ptrdiff_t>(i % piece_ * dimension_), dimension_,
                  matrix.row(i));
      if (i % piece_ == piece_ - 1) std::vector<float>().swap(piece);
    }
    return matrix;
  }

 private:
  static constexpr std::size_t kPieceFloats = std::size_t{1} << 20;

  std::size_t dimension_;
  std::size_t piece_;  // rows
  std::size_t count_ = 0;
  std::vector<std::vector<float>> pieces_;
};

[[noreturn]] void refuse_line(const io::LineReader& lines, std::string_view line, std::size_t dimension,
                              std::string_view field) {
  throw UserError(fmt::format("{}: expected a word and {} numbers, found {}{}", lines.where(), dimension,
                              io::quoted(line.substr(0, 60)),
                              field.empty() ? "" : ", where " + io::quoted(field) + " is no finite number"));
}

/// Fills `numbers` from the last fields of `line` and returns what is before them: a word may have blanks in
/// it, as some of GloVe's.
std::string_view parse_line(const io::LineReader& lines, std::string_view line, std::span<float> numbers) {
  line = trimmed(line);
  const std::string_view whole = line;
  for (std::size_t i = numbers.size(); i-- > 0;) {
    const std::string_view field = take_last(line);
    const char* const end = field.data() + field.size();
    const auto result = std::from_chars(field.data(), end, numbers[i]);
    if (field.empty() || result.ec != std::errc() || result.ptr != end || !std::isfinite(numbers[i])) {
      refuse_line(lines, whole, numbers.size(), field);
    }
  }
  if (line.empty())
    throw UserError(fmt::format("{}: no word before its {} numbers", lines.where(), numbers.size()));
  return line;
}

std::size_t dimension_of(const io::LineReader& lines, std::string_view line) {
  std::size_t fields = 0;
  line = trimmed(line);
  while (!take_last(line).empty()) ++fields;
  if (fields == 0) throw UserError(lines.where() + ": expected a word and numbers, found one field");
  return fields;
}

}  // namespace

std::optional<HeaderLine> parse_header(std::string_view line) {
  line = trimmed(line);
  const std::size_t blank = line.find_first_of(kBlanks);
  if (blank == std::string_view::npos) return std::nullopt;
  HeaderLine header{};
  const auto words = std::from_chars(line.data(), line.data() + blank, header.words);
  const std::size_t second = line.find_first_not_of(kBlanks, blank);
  const char* const end = line.data() + line.size();
  const auto dimension = std::from_chars(line.data() + second, end, header.dimension);
  if (words.ec != std::errc() || words.ptr != line.data() + blank) return std::nullopt;
  if (dimension.ec != std::errc() || dimension.ptr != end) return std::nullopt;
  if (header.dimension < 1 || header.dimension > (1u << 20)) return std::nullopt;
  return header;
}

WordVectors read_text_vectors(const std::string& path) {
  io::ByteSource source(path);
  io::LineReader lines(path, [&](std::span<char> out) { return source.read(out); });
  std::string_view line;
  if (!lines.next(line)) throw UserError(path + ": expected word vectors, found no line");
  const auto header = parse_header(line);
  Rows rows(header ? header->dimension : dimension_of(lines, line));
  WordVectors out;
  bool more = header ? lines.next(line) : true;
  for (; more; more = lines.next(line)) {
    if (trimmed(line).empty()) continue;
    const std::size_t number = rows.count();
    // Before memory is taken: a number has a blank and a digit at least.
    if (line.size() < 2 * rows.dimension()) refuse_line(lines, line, rows.dimension(), "");
    const std::string_view word = parse_line(lines, line, rows.add());
    if (out.words.insert(word) != number) {
      throw UserError(fmt::format("{}: word {} a second time", lines.where(), io::quoted(word)));
    }
  }
  if (header && header->words != rows.count()) {
    throw UserError(
        fmt::format("{}: line 1 announces {} words, found {}", path, header->words, rows.count()));
  }
  out.vectors = rows.take();
  return out;
}

}  // namespace berta::wordvec
