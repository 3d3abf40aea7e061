// File: common/stop_signals.h
//
// SIGTERM, SIGINT and SIGHUP as a stop token.
#pragma once

#include <signal.h>

#include <atomic>
#include <functional>
#include <stop_token>
#include <thread>

#include "common/mutex.h"

namespace mcpgate::hosts {

/// StopSignals
///
/// Blocks the three signals in the thread that makes it, and so in every thread started afterwards: make it
/// first in main(). The first signal requests a stop; a second one ends the program at once. SIGPIPE is
/// ignored. One per program. Safe for concurrent use.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  std::stop_token token() const { return source_.get_token(); }
  /// SIGHUP calls `reload` from now on, on a thread of this object, instead of stopping. nullptr takes it
  /// back, after a call that is under way.
  void OnHangup(std::function<void()> reload);

 private:
  void Wait();
  bool Reload();

  std::stop_source source_;
  std::atomic<bool> done_{false};
  Mutex mutex_;  // held while `reload_` runs, so that it can be taken back safely
  std::function<void()> reload_ MCPGATE_GUARDED_BY(mutex_);
  sigset_t signals_;
  std::thread thread_;
};

/// Returns when a stop is requested.
void WaitForStop(std::stop_token stop);

/// No core dump and no debugger of the same user may read this process's memory, which holds secrets.
void ForbidMemoryDumps();

}  // namespace mcpgate::hosts
