// File: http/address_gate.h
//
// Limits by the client's address, before its key is looked at: a flood is refused for the price of one look
// into a table.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "mcpgate/gate.h"
#include "mcpgate/http.h"
#include "mcpgate/rate_limiter.h"

namespace mcpgate::hosts {

struct AddressGateOptions {
  std::optional<LimitPolicy> requests;  ///< all but /healthz and /readyz; nullopt: no limit
  std::optional<LimitPolicy>
      failures;  ///< answers 401; beyond it every request is refused; nullopt: no limit
  std::string mcp_path = "/mcp";
  /// Told of each refusal, and of each that a shadow would have made. May be empty.
  std::function<void(LimitEvent::Kind, const LimitPolicy&)> on_limit{};
  /// One line a window when a limit in shadow mode would have refused somebody. May be empty.
  std::function<void(std::string_view)> log{};
  std::shared_ptr<RateLimiter> limiter = NewLocalRateLimiter({.max_partitions = 1u << 17});
};

/// `next`, for clients within the limits. Others get 429 with `Retry-After`, `RateLimit` and
/// `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10), before their body is read. `request.peer` is
/// who is counted.
std::shared_ptr<HttpHandler> NewAddressGate(AddressGateOptions options, std::shared_ptr<HttpHandler> next);

}  // namespace mcpgate::hosts
