#include "io/line_reader.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "core/error.h"

namespace berta::io {
namespace {

constexpr std::size_t kPiece = std::size_t{64} << 10;

/// Closes what it opened; standard input stays open.
class InputFile {
 public:
  explicit InputFile(const std::string& path) : name_(path == "-" ? "standard input" : path) {
    if (path == "-") return;
    owned_ = true;
    do {
      number_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    } while (number_ < 0 && errno == EINTR);
    if (number_ < 0) throw UserError(path + ": cannot open: " + std::strerror(errno));
  }
  ~InputFile() {
    if (owned_ && number_ >= 0) ::close(number_);
  }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  const std::string& name() const { return name_; }

  std::size_t read(std::span<char> out) const {
    while (true) {
      const ssize_t count = ::read(number_, out.data(), out.size());
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno == EAGAIN) {  // standard input may be set not to block
        pollfd wait{.fd = number_, .events = POLLIN, .revents = 0};
        ::poll(&wait, 1, -1);
      } else if (errno != EINTR) {
        throw UserError(name_ + ": cannot read: " + std::strerror(errno));
      }
    }
  }

 private:
  std::string name_;
  int number_ = STDIN_FILENO;
  bool owned_ = false;
};

}  // namespace

LineReader LineReader::open(const std::string& path, std::size_t max_bytes) {
  auto file = std::make_shared<InputFile>(path);
  return {file->name(), [file](std::span<char> out) { return file->read(out); }, max_bytes};
}

/// Reads what there is, at most a piece, behind what is still unread. False at the end.
bool LineReader::read_more() {
  if (at_end_) return false;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() - end_ < kPiece) buffer_.resize(std::max(2 * buffer_.size(), end_ + kPiece));
  const std::size_t count = source_({buffer_.data() + end_, kPiece});
  end_ += count;
  at_end_ = count == 0;
  return !at_end_;
}

/// Drops the rest of a line that was too long; false if the input ends before the line does.
bool LineReader::skip_rest() {
  while (true) {
    const void* newline = std::memchr(buffer_.data() + begin_, '\n', end_ - begin_);
    if (newline) {
      begin_ = static_cast<std::size_t>(static_cast<const char*>(newline) - buffer_.data()) + 1;
      skipping_ = false;
      return true;
    }
    begin_ = end_;
    if (!read_more()) return false;
  }
}

std::string_view LineReader::take(std::size_t length, std::size_t with_end) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  std::string_view line(buffer_.data() + begin_, length);
  begin_ += with_end;
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (number_ == 1 && line.starts_with(kMark)) line.remove_prefix(kMark.size());
  return line;
}

bool LineReader::next(std::string_view& line) {
  if (skipping_ && !skip_rest()) return false;
  std::size_t searched = 0;
  while (true) {
    const std::size_t held = end_ - begin_;
    const void* newline = std::memchr(buffer_.data() + begin_ + searched, '\n', held - searched);
    const std::size_t length =
        newline ? static_cast<std::size_t>(static_cast<const char*>(newline) - buffer_.data()) - begin_
                : held;
    if (length > max_bytes_) {
      ++number_;
      skipping_ = true;
      throw UserError(where() + ": longer than " + std::to_string(max_bytes_) + " bytes");
    }
    if (newline) {
      ++number_;
      line = take(length, length + 1);
      return true;
    }
    searched = held;
    if (read_more()) continue;
    if (held == 0) return false;
    ++number_;
    line = take(held, held);
    return true;
  }
}

}  // namespace berta::io
