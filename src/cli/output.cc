#include "cli/output.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/signals.h"
#include "core/error.h"

namespace berta::cli {

Output::Output(const std::string& path) : name_("standard output"), descriptor_(STDOUT_FILENO) {
  if (path.empty() || path == "-") return;
  name_ = path;
  descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail("cannot create", errno);
  owned_ = true;
}

Output::~Output() {
  if (owned_ && descriptor_ >= 0) ::close(descriptor_);
}

void Output::fail(const char* what, int error) const {
  throw UserError(name_ + ": " + what + ": " + std::strerror(error));
}

void Output::write(std::string_view bytes) {
  const WholeWrite whole;
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {  // a pipe may be set not to block
      pollfd wait{.fd = descriptor_, .events = POLLOUT, .revents = 0};
      ::poll(&wait, 1, -1);
    } else if (errno == EPIPE) {
      throw PipeClosed();
    } else if (errno != EINTR) {
      fail("cannot write", errno);
    }
  }
}

void Output::close() {
  if (!owned_) return;
  const int descriptor = descriptor_;
  descriptor_ = -1;
  if (::close(descriptor) != 0 && errno != EINTR) fail("cannot write", errno);
}

bool Output::is_terminal() const {
  return ::isatty(descriptor_) == 1;
}

}  // namespace berta::cli
