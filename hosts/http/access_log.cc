#include "http/access_log.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <utility>

#include "common/time_text.h"
#include "mcpgate/json.h"

namespace mcpgate::hosts {
namespace {

// A write of that many bytes to a pipe that is ready is taken whole and does not wait (pipe(7), PIPE_BUF).
constexpr std::size_t kAtOnce = 4096;
constexpr int kPatienceMs = 100;

}  // namespace

std::string AccessLine(const AccessEntry& entry, WallTime at) {
  const auto unix_ms = std::chrono::floor<std::chrono::milliseconds>(at).time_since_epoch().count();
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(entry.took).count();
  Json line = {{"time", TimeText(unix_ms)}, {"method", entry.method.substr(0, 20)},
               {"path", entry.path},        {"status", entry.status},
               {"bytes", entry.bytes},      {"ms", static_cast<double>(micros) / 1000},
               {"peer", entry.peer}};
  if (!entry.key.empty()) line["key"] = entry.key;
  if (!entry.trace.empty()) line["trace"] = entry.trace;
  if (entry.broken) line["broken"] = true;
  if (!entry.refused.empty()) line["refused"] = entry.refused;
  return DumpJson(line);
}

AccessLog::AccessLog(bool on, int fd) : fd_(fd), on_(on), thread_([this] { Run(); }) {}

AccessLog::~AccessLog() {
  {
    MutexLock lock(mutex_);
    ending_ = true;
  }
  filled_.notify_one();
  thread_.join();
}

void AccessLog::Write(AccessEntry entry) {
  if (!on()) return;
  const WallTime at = Clock::System().Now();
  {
    MutexLock lock(mutex_);
    if (queue_.size() >= kMaxLines) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    queue_.push_back({std::move(entry), at});
    if (queue_.size() > 1) return;  // the writer was told when the first one came
  }
  filled_.notify_one();
}

void AccessLog::Run() {
  for (;;) {
    std::vector<Line> lines;
    {
      CondLock lock(mutex_);
      filled_.wait(lock, [this]() MCPGATE_REQUIRES(mutex_) { return !queue_.empty() || ending_; });
      if (queue_.empty()) return;
      lines.swap(queue_);
    }
    if (!PutAll(lines)) return;
  }
}

bool AccessLog::PutAll(const std::vector<Line>& lines) {
  std::string batch;
  for (const Line& line : lines) {
    const std::string text = AccessLine(line.entry, line.at) + "\n";
    if (batch.size() + text.size() > kAtOnce && !Put(std::exchange(batch, ""))) return false;
    batch += text;
  }
  return Put(batch);
}

// False when the end has come and nobody reads.
bool AccessLog::Put(std::string_view lines) {
  while (!lines.empty()) {
    if (!WaitForReader()) return false;
    const ssize_t written = write(fd_, lines.data(), lines.size());
    if (written < 0 && errno != EINTR && errno != EAGAIN) return true;  // standard error is gone: drop them
    if (written > 0) lines.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool AccessLog::WaitForReader() {
  pollfd ready{.fd = fd_, .events = POLLOUT, .revents = 0};
  for (;;) {
    if (poll(&ready, 1, kPatienceMs) != 0) return true;
    if (ending_) return false;
  }
}

}  // namespace mcpgate::hosts
