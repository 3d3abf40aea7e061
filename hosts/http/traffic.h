// File: http/traffic.h
//
// What passed through the listener, counted. Every label is one of a fixed list, so that no client can make
// the series grow.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "http/method_counts.h"
#include "http/prometheus.h"
#include "mcpgate/clock.h"
#include "mcpgate/http.h"

namespace mcpgate::hosts {

/// What a request asked for; the label `path`. Unread: it was refused before that was known.
enum class PathClass : std::uint8_t { kMcp, kAdmin, kHealth, kReady, kMetrics, kOther, kUnread };
constexpr std::size_t kPathClasses = 7;
std::string_view PathClassName(PathClass path);

/// Other parts' numbers, read when the text is made.
struct TrafficGauges {
  std::size_t open_connections = 0;
  std::uint64_t accepted_connections = 0;
  std::uint64_t dropped_log_lines = 0;
  bool ready = false;
};

/// Traffic
///
/// Safe for concurrent use; counting takes no lock.
class Traffic {
 public:
  void Began() { Add(in_flight_, 1); }
  /// `status` 499: the client left before there was an answer.
  void Finished(PathClass path, int status);
  /// The answer began to go out so long after the request was complete.
  void Answered(PathClass path, Nanos after);
  void StreamBegan() { Add(streams_, 1); }
  void StreamEnded() { Add(streams_, -1); }
  /// An answer that says no: the code of a refusal (42901), or the HTTP status where there is none.
  void Refused(int code);
  /// A connection that never got to a request.
  void ConnectionRefused(HttpRefusal::Reason reason);

  /// Counts what passes the server it is given to, by method.
  std::shared_ptr<Middleware> methods() const { return methods_; }

  /// Text format 0.0.4 of Prometheus.
  std::string Text(const TrafficGauges& gauges) const;

  static constexpr std::array<int, 23> kCodes = {400,   401,   403,   404,   405,   406,   408,  413,
                                                 415,   417,   429,   431,   500,   501,   503,  505,
                                                 40101, 40201, 40301, 42901, 42902, 50301, 50302};

 private:
  using Counter = std::atomic<std::uint64_t>;
  using Gauge = std::atomic<std::int64_t>;

  static void Add(Gauge& gauge, std::int64_t by) { gauge.fetch_add(by, std::memory_order_relaxed); }
  static void Add(Counter& counter, std::uint64_t by = 1) {
    counter.fetch_add(by, std::memory_order_relaxed);
  }
  void AppendRequests(std::string& out) const;
  void AppendLatency(std::string& out) const;
  void AppendRefusals(std::string& out) const;
  void AppendConnections(std::string& out) const;

  std::array<std::array<Counter, 5>, kPathClasses> finished_{};  // by hundreds of the status
  std::array<Histogram, kPathClasses> latency_{};
  std::array<Counter, kCodes.size() + 1> refused_{};  // the last one: any other code
  Counter handshakes_failed_{0}, newcomers_waited_{0};
  const std::shared_ptr<MethodCounts> methods_ = std::make_shared<MethodCounts>();
  Gauge in_flight_{0};
  Gauge streams_{0};
};

}  // namespace mcpgate::hosts
