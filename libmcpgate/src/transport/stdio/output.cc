#include "transport/stdio/output.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace mcpgate {
namespace {

constexpr std::size_t kHoldAtMost = 256 * 1024;  // then the held answers leave although more are coming

}  // namespace

void LineOutput::Write(std::string_view message, bool hold) {
  MutexLock lock(mutex_);
  held_ += message;
  held_ += '\n';
  if (!hold || held_.size() >= kHoldAtMost) Drain();
}

void LineOutput::Flush() {
  MutexLock lock(mutex_);
  Drain();
}

void LineOutput::Drain() {
  std::string_view rest = held_;
  while (!rest.empty() && !broken_) {
    const ssize_t written = write(fd_, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      pollfd ready = {.fd = fd_, .events = POLLOUT, .revents = 0};
      poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      broken_ = true;
    }
  }
  held_.clear();
}

}  // namespace mcpgate
