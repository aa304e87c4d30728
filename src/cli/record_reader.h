#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/record.h"
#include "core/error.h"
#include "io/line_reader.h"

namespace berta::cli {

enum class InputFormat : std::uint8_t { automatic, jsonl, text, tsv };

/// The input cannot be read further.
class ReadError : public Error {
  using Error::Error;
};

/// A file or standard input that another thread can stop reading.
class InputFile {
 public:
  /// "-" is standard input. Throws UserError "PATH: cannot open: ...".
  explicit InputFile(const std::string& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  const std::string& name() const { return name_; }
  /// Bytes of a regular file; nothing for pipes and terminals.
  std::optional<std::size_t> size() const { return size_; }
  /// As io::LineReader::Source; 0 after stop(). Throws ReadError.
  std::size_t read(std::span<char> out);
  /// Ends a read that waits, from any thread.
  void stop();

 private:
  std::string name_;
  std::optional<std::size_t> size_;
  int descriptor_ = 0;
  int wake_ = -1;  ///< an eventfd
  bool owned_ = false;
};

/// Turns lines into records. The format: what was asked for; else by the file's extension (.jsonl, .ndjson,
/// .json, .tsv, .txt); else JSON lines if the first byte that is no blank is '{', and text otherwise.
class RecordReader {
 public:
  struct Options {
    InputFormat format = InputFormat::automatic;
    std::vector<std::string> columns;  ///< of a table whose first line is no header
    std::string main_field = "text";   ///< member that a line of text becomes; empty: text is refused
  };

  RecordReader(std::shared_ptr<InputFile> file, const std::string& path, Options options);

  /// False after the last. Throws UserError for a bad line; a further call goes on behind it.
  bool next(Record& record);

  /// Throws UserError: the format asked for is text where a command takes none.
  void refuse_text() const;

 private:
  void choose_format(std::string_view line);
  void read_columns(std::string_view line);
  bool give_held(Record& record);
  Record parse_line(std::string_view line) const;

  std::shared_ptr<InputFile> file_;
  io::LineReader lines_;
  Options options_;
  std::vector<std::string> columns_;  ///< of a table, after its first line
  std::size_t blanks_ = 0;            ///< lines before the first that tells the format
  std::size_t blanks_given_ = 0;
  std::optional<std::string> held_;  ///< that first line, while the blanks before it are given
};

}  // namespace berta::cli
