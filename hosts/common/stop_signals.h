// File: common/stop_signals.h
//
// SIGTERM, SIGINT and SIGHUP as a stop token.
#pragma once

#include <signal.h>

#include <atomic>
#include <stop_token>
#include <thread>

namespace mcpgate::hosts {

/// StopSignals
///
/// Blocks the three signals in the thread that makes it, and so in every thread started afterwards: make it
/// first in main(). The first signal requests a stop; a second one ends the program at once. SIGPIPE is
/// ignored. One per program.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  std::stop_token token() const { return source_.get_token(); }

 private:
  void Wait();

  std::stop_source source_;
  std::atomic<bool> done_{false};
  sigset_t signals_;
  std::thread thread_;
};

/// No core dump and no debugger of the same user may read this process's memory, which holds secrets.
void ForbidMemoryDumps();

}  // namespace mcpgate::hosts
