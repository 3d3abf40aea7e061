// File: bench/http_client.h
//
// The other end of the wire: connections to a server on this machine, and many calls over them at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/measure.h"

namespace mcpgate::bench {

/// One connection to 127.0.0.1. Not thread-safe.
class HttpConnection {
 public:
  explicit HttpConnection(std::uint16_t port);
  ~HttpConnection();
  HttpConnection(HttpConnection&& other) noexcept;
  HttpConnection& operator=(HttpConnection&&) = delete;

  int descriptor() const { return descriptor_; }
  void Send(std::string_view bytes);
  /// Takes what has arrived, waiting for the first byte. True when the answer is then complete, and 200.
  bool Receive();
  /// Waits until the answer has arrived, or the first event of a stream that stays open.
  void ReceiveAnswer();
  void ReceiveEvent();

 private:
  int descriptor_;
  std::string pending_;  // of an answer that came in pieces
};

/// A POST to /mcp with the headers of the stateless revision; `key` may be empty. `name` is what the method
/// is applied to, if anything.
std::string Post(std::string_view key, std::string_view method, std::string_view name, std::string_view body);

/// What was seen in one measurement.
struct Load {
  double calls_per_second = 0;
  double p50_micros = 0, p99_micros = 0;
  double calls = 0;
};

/// HttpLoad
///
/// A closed loop on each of its connections: a request, its answer, the next request. Not thread-safe.
class HttpLoad {
 public:
  /// One connection for each of `requests`.
  HttpLoad(std::uint16_t port, std::vector<std::string> requests);
  ~HttpLoad();
  HttpLoad(const HttpLoad&) = delete;
  HttpLoad& operator=(const HttpLoad&) = delete;

  /// Goes on for so long; requests stay in flight between two runs.
  Load Run(double seconds);

 private:
  void Answer(std::size_t which);

  std::vector<std::string> requests_;
  std::vector<HttpConnection> connections_;
  std::vector<SteadyClock::time_point> sent_;
  std::vector<float> micros_;  // of each call of this run
  int epoll_;
};

}  // namespace mcpgate::bench
