#include "stop_request.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>

namespace mcpgate::conformance {
namespace {

int signalled[2] = {-1, -1};  // a pipe: written by the signal handler, read by WaitForStop

void OnSignal(int) {
  const int before = errno;
  [[maybe_unused]] const ssize_t written = write(signalled[1], "", 1);
  errno = before;
}

/// False at the end of standard input.
bool SkipInput() {
  char skipped[4096];
  const ssize_t count = read(STDIN_FILENO, skipped, sizeof(skipped));
  return count > 0 || (count < 0 && errno == EINTR);
}

}  // namespace

void CatchStopSignals() {
  if (pipe(signalled) != 0) return;
  signal(SIGPIPE, SIG_IGN);
  signal(SIGTERM, OnSignal);
  signal(SIGINT, OnSignal);
}

void WaitForStop() {
  for (;;) {
    pollfd sources[] = {{STDIN_FILENO, POLLIN, 0}, {signalled[0], POLLIN, 0}};
    if (poll(sources, 2, -1) < 0 && errno != EINTR) return;
    if (sources[1].revents != 0) return;
    if (sources[0].revents != 0 && !SkipInput()) return;
  }
}

}  // namespace mcpgate::conformance
