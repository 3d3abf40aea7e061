// File: http/access_log.h
//
// One JSON line a request on standard error, written by a thread of its own: a reader that stops reading
// must not stop the server.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/mutex.h"
#include "mcpgate/clock.h"

namespace mcpgate::hosts {

/// A request that ended, or a connection that never got to one (status 0).
struct AccessEntry {
  std::string method;
  std::string_view path;  ///< the class of it: what a stranger sends is not repeated
  int status = 0;
  std::uint64_t bytes = 0;  ///< of the answer's body
  Nanos took{0};
  std::string peer;
  std::string key;             ///< the id of the key that was accepted; empty: none
  std::string trace;           ///< of `traceparent`; empty: none
  bool broken = false;         ///< a stream that did not come to its end
  std::string_view refused{};  ///< why a connection never got to a request: "tls", "full"; empty: it did
};
/// Without line end.
std::string AccessLine(const AccessEntry& entry, WallTime at);

/// AccessLog
///
/// Safe for concurrent use; `Write` never waits for the reader of standard error.
class AccessLog {
 public:
  static constexpr std::size_t kMaxLines = 8192;

  explicit AccessLog(bool on, int fd = 2);
  /// Writes what is queued, as long as it is taken.
  ~AccessLog();
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;

  void Switch(bool on) { on_ = on; }
  bool on() const { return on_.load(std::memory_order_relaxed); }
  void Write(AccessEntry entry);
  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  struct Line {
    AccessEntry entry;
    WallTime at;
  };

  void Run();
  bool PutAll(const std::vector<Line>& lines);
  bool Put(std::string_view lines);
  bool WaitForReader();

  const int fd_;
  std::atomic<bool> on_;
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<bool> ending_{false};
  CondVar filled_;
  Mutex mutex_;
  std::vector<Line> queue_ MCPGATE_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace mcpgate::hosts
