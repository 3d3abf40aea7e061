// File: streamable_http.h
//
// MCP over Streamable HTTP: an HttpHandler that any HTTP server can mount, in every revision at once.
#pragma once

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
};

/// The handler for `path`; any other path is 404. Credentials are `Authorization: Bearer` or `X-API-Key`,
/// never the query; they are checked before the body is read. InvalidArgument: server or gate is missing, or
/// the path does not begin with "/".
MCPGATE_EXPORT absl::StatusOr<std::shared_ptr<HttpHandler>> NewStreamableHttp(StreamableHttpOptions options);

}  // namespace mcpgate
