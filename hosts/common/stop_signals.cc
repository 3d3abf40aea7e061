#include "common/stop_signals.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

#include <condition_variable>
#include <mutex>
#include <utility>

namespace mcpgate::hosts {

StopSignals::StopSignals() {
  signal(SIGPIPE, SIG_IGN);
  sigemptyset(&signals_);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals_, number);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  thread_ = std::thread([this] { Wait(); });
}

StopSignals::~StopSignals() {
  done_ = true;
  pthread_kill(thread_.native_handle(), SIGTERM);
  thread_.join();
}

void StopSignals::Wait() {
  for (;;) {
    int number = 0;
    if (sigwait(&signals_, &number) != 0) continue;
    if (done_) return;
    if (number == SIGHUP && Reload()) continue;
    if (!source_.request_stop()) _exit(128 + number);
  }
}

bool StopSignals::Reload() {
  MutexLock lock(mutex_);
  if (reload_) reload_();
  return reload_ != nullptr;
}

void StopSignals::OnHangup(std::function<void()> reload) {
  MutexLock lock(mutex_);
  reload_ = std::move(reload);
}

void WaitForStop(std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  woken.wait(lock, stop, [] { return false; });
}

void ForbidMemoryDumps() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
// LeakSanitizer reads its own process as a debugger does, and gives up where that is forbidden.
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
  prctl(PR_SET_DUMPABLE, 0);
#endif
}

}  // namespace mcpgate::hosts
