// A server on loopback that says exactly the bytes a test wants, and cuts the connection when told.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace mcpgate::testing {

/// One connection as the script sees it. Confine to the script.
class WireConnection {
 public:
  explicit WireConnection(int fd) : fd_(fd) {}
  void Write(std::string_view bytes);
  /// An HTTP answer with a Content-Length; `headers` are whole lines that end in \r\n.
  void Answer(int status, std::string_view body, std::string_view headers = {});
  /// Ends the connection after the script returns.
  void Cut() { cut_ = true; }
  /// Returns when the other side has closed.
  void WaitForClose();
  bool is_cut() const { return cut_; }

 private:
  const int fd_;
  bool cut_ = false;
};

/// WireServer
///
/// Calls the script for each request, with its whole text; requests of one connection come one after another.
class WireServer {
 public:
  using Script = std::function<void(WireConnection& connection, const std::string& request)>;
  explicit WireServer(Script script);
  ~WireServer();
  WireServer(const WireServer&) = delete;
  WireServer& operator=(const WireServer&) = delete;

  std::string url(std::string_view path = "/") const;
  int connections() const { return connections_; }
  int requests() const { return requests_; }

 private:
  void Accept();
  void Serve(int fd);
  bool ReadRequest(int fd, std::string& buffer, std::string& request) const;

  const Script script_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::atomic<int> requests_{0};
  Mutex mutex_;
  bool closing_ MCPGATE_GUARDED_BY(mutex_) = false;
  std::vector<int> open_ MCPGATE_GUARDED_BY(mutex_);
  std::list<std::thread> serving_ MCPGATE_GUARDED_BY(mutex_);
  std::thread accepting_;
};

}  // namespace mcpgate::testing
