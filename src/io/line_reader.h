#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace berta::io {

/// Reads lines as they arrive: a line is given as soon as its end has been read, so a slow pipe is answered
/// at once. Memory is bounded by the longest line. Ends of lines are LF or CRLF; the last line needs none. A
/// byte-order mark at the start is dropped. Bytes are not checked to be UTF-8: that error is the caller's to
/// report, with number().
class LineReader {
 public:
  static constexpr std::size_t kMaxBytes = std::size_t{64} << 20;

  /// Fills the front of its argument and returns how many bytes, 0 at the end. May throw.
  using Source = std::function<std::size_t(std::span<char>)>;

  /// "-" is standard input. Throws UserError "PATH: cannot open: ...".
  static LineReader open(const std::string& path, std::size_t max_bytes = kMaxBytes);

  /// `name` begins the errors.
  LineReader(std::string name, Source source, std::size_t max_bytes = kMaxBytes)
      : name_(std::move(name)), source_(std::move(source)), max_bytes_(max_bytes) {}

  /// Moves to the next line, without its end; false after the last. The view holds until the next call.
  /// Throws UserError "NAME: line 7: longer than N bytes"; a further call goes on with the line after it.
  /// Throws UserError for read errors.
  bool next(std::string_view& line);

  /// Of the line that next() gave or refused, from 1.
  std::size_t number() const { return number_; }
  const std::string& name() const { return name_; }

  /// "NAME: line 7", for errors.
  std::string where() const { return name_ + ": line " + std::to_string(number_); }

 private:
  bool read_more();
  bool skip_rest();
  std::string_view take(std::size_t length, std::size_t with_end);

  std::string name_;
  Source source_;
  std::size_t max_bytes_;
  std::string buffer_;
  std::size_t begin_ = 0;  ///< of the line to come
  std::size_t end_ = 0;    ///< of the bytes read
  std::size_t number_ = 0;
  bool at_end_ = false;
  bool skipping_ = false;  ///< the last line was too long and its end has not been read
};

}  // namespace berta::io
