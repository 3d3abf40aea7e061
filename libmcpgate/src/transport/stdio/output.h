// File: transport/stdio/output.h
//
// The one place that writes to the client.
#pragma once

#include <atomic>
#include <string>

#include "absl/status/status.h"
#include "base/mutex.h"

namespace mcpgate {

/// LineOutput
///
/// Whole lines only. While the reader works through what one read brought, its answers are held back and
/// leave in one write; answers of other threads leave at once. Blocks when the client does not read: the pipe
/// is the bound. Safe for concurrent use.
class LineOutput {
 public:
  explicit LineOutput(int fd) : fd_(fd) {}

  /// Writes `message` and a line end; with `hold`, at the next `Flush`.
  void Write(std::string_view message, bool hold);
  void Flush();
  /// Set when the client has gone; nothing is written any more.
  bool broken() const { return broken_.load(); }

 private:
  void Drain() MCPGATE_REQUIRES(mutex_);

  const int fd_;
  std::atomic<bool> broken_{false};
  Mutex mutex_;
  std::string held_ MCPGATE_GUARDED_BY(mutex_);
};

}  // namespace mcpgate
