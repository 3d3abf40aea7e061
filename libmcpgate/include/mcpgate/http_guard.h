// File: http_guard.h
//
// For handlers of your own beside MCP: who may talk to a server at all (the name it was called by, the page
// that calls), and the key that a request shows.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgate/export.h"
#include "mcpgate/gate.h"
#include "mcpgate/http_message.h"

namespace mcpgate::http {

/// HostGuard
///
/// Against DNS rebinding and pages of strangers: `Host` and `Origin` are each checked by themselves.
/// Immutable; safe for concurrent use.
class MCPGATE_EXPORT HostGuard {
 public:
  HostGuard(const std::vector<std::string>& hosts, const std::vector<std::string>& origins);

  /// What is wrong, for the client; nullopt when the request may go on.
  std::optional<std::string> Check(const HttpRequest& request) const;

 private:
  bool AllowsHost(std::string_view authority) const;
  bool AllowsOrigin(std::string_view origin) const;

  std::set<std::string, std::less<>> hosts_;
  const std::set<std::string, std::less<>> origins_;
};

/// "Example.com.:8080" is "example.com", "[::1]:80" is "::1"; empty when it is no authority.
MCPGATE_EXPORT std::string HostOf(std::string_view authority);

/// From `Authorization: Bearer` or `X-API-Key`; an empty key when there is neither.
MCPGATE_EXPORT Credentials ReadCredentials(const HttpRequest& request);

}  // namespace mcpgate::http
