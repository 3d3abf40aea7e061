// File: bench/server_process.h
//
// A server under measurement: a process on a core of its own, and what it costs.
#pragma once

#include <sys/types.h>
#include <time.h>

#include <cstdint>
#include <string>
#include <vector>

namespace mcpgate::bench {

/// The servers run on one core, and what calls them on another.
inline constexpr int kServerCore = 0, kClientCore = 1;

/// Binds the calling thread, and those it will start, to one core. False when there is no such core.
bool PinTo(int core);

/// ServerProcess
///
/// A server's first line on standard output is a JSON object: `port`, and the `keys` it accepts, if it wants
/// any. Ends with this object. Not thread-safe.
class ServerProcess {
 public:
  explicit ServerProcess(std::vector<std::string> words);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  std::uint16_t port() const { return port_; }
  const std::vector<std::string>& keys() const { return keys_; }
  /// User and system time of all its threads so far, in seconds.
  double CpuSeconds() const;
  /// Of its memory, what is in RAM, in bytes.
  double ResidentBytes() const;

 private:
  pid_t pid_ = -1;
  clockid_t clock_{};
  std::uint16_t port_ = 0;
  std::vector<std::string> keys_;
};

}  // namespace mcpgate::bench
