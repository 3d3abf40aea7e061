// File: streamable_http.h
//
// MCP over Streamable HTTP: an HttpHandler that any HTTP server can mount, in every revision at once.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "mcpgate/clock.h"
#include "mcpgate/export.h"
#include "mcpgate/http.h"
#include "mcpgate/server.h"

namespace mcpgate {

/// What is kept of the streams of 2025-era sessions, so that a client whose connection broke gets what it
/// missed (`Last-Event-ID`). The oldest events go first; each costs 128 bytes more than its text. An event
/// that fits into no bound reaches a connected client only.
struct ReplayLimits {
  std::size_t events_of_session = 1'000;  ///< 0: nothing is kept, and events have no ids
  std::size_t bytes_of_session = 4u << 20;
  std::size_t bytes = 64u << 20;  ///< of all sessions together
};

struct StreamableHttpOptions {
  Server* server = nullptr;  ///< outlives the handler
  Gate* gate = nullptr;      ///< the server's
  std::string path = "/mcp";
  /// Names a `Host` header may carry, without port ("api.example.com"). Empty: the names of this machine's
  /// loopback, which keeps a web page from reaching a local server by rebinding its name.
  std::vector<std::string> allowed_hosts{};
  /// Origins of web pages that may call ("https://app.example.com"). Empty: pages served from an allowed
  /// host.
  std::vector<std::string> allowed_origins{};
  /// Pause between comments that keep an idle stream's connection open.
  Nanos keep_alive = std::chrono::seconds(15);
  ReplayLimits replay{};
  /// How long a stream of a 2025-11-25 session keeps one connection; then the client is told to come back for
  /// the rest. Zero: as long as it lasts.
  Nanos disconnect_after{0};
  /// When it is to come back, at the earliest (`retry`). Rounded up to milliseconds.
  Nanos retry = std::chrono::seconds(1);
};

/// `Retry-After`, rounded up to seconds, where one must wait; when `limit` names one, `RateLimit-Policy` and
/// `RateLimit` too (draft-ietf-httpapi-ratelimit-headers-10).
MCPGATE_EXPORT void AddLimitHeaders(const RulingLimit& limit, Nanos retry_after, HttpResponse& answer);

/// The handler for `path`; any other path is 404. Credentials are `Authorization: Bearer` or `X-API-Key`,
/// never the query; they are checked before the body is read. InvalidArgument: server or gate is missing, or
/// the path does not begin with "/".
///
/// Streams of the 2025 era, those of calls and the one of GET, go on when their connection ends: a GET with
/// `Last-Event-ID` in the same session gets what that stream has said since, as far as it is kept, and then
/// the rest of it, beside any other stream. An id that this session has no stream for is answered with 400,
/// and the session stays. A stream of 2025-11-25 begins with an event that has an id and no data. A call of
/// that era that is not answered within `keep_alive` becomes a stream. Streams of 2026-07-28 have no ids.
MCPGATE_EXPORT absl::StatusOr<std::shared_ptr<HttpHandler>> NewStreamableHttp(StreamableHttpOptions options);

}  // namespace mcpgate
