// HTTP/1.1 on 127.0.0.1: keep-alive, bounds and timeouts.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "sandbox/http_message.h"

namespace mcpgate::sandbox {

struct ListenerOptions {
  std::uint16_t port = 0;
  std::size_t max_body = 0;
  std::size_t max_header = 0;
  std::size_t max_connections = 0;
  std::chrono::milliseconds idle_timeout{0};
};

/// Listener
///
/// Calls its handler from one thread of its own, until destroyed. Safe for concurrent use.
class Listener {
 public:
  using Handler = std::function<HttpAnswer(HttpRequest)>;

  static absl::StatusOr<std::unique_ptr<Listener>> Start(const ListenerOptions& options, Handler handler);
  virtual ~Listener() = default;
  virtual std::uint16_t port() const = 0;
  /// Connections accepted so far.
  virtual std::uint64_t connections() const = 0;
};

}  // namespace mcpgate::sandbox
