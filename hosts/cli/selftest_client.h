// File: cli/selftest_client.h
//
// A client of MCP over HTTP, as small as a test of a server allows.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/server_url.h"
#include "cli/web.h"
#include "mcpgate/json.h"
#include "mcpgate/secret.h"

namespace mcpgate::hosts {

/// An answer and the JSON-RPC message in it; null when there is none.
struct McpAnswer {
  WebAnswer web;
  Json message;

  const Json* result() const { return FindObject(message, "result"); }
  /// Of the JSON-RPC error; 0 when there is none.
  std::int64_t error_code() const;
  /// "401, error 40101", for people.
  std::string summary() const;
};

/// SelftestClient
///
/// Confine to one thread.
class SelftestClient {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  SelftestClient(ServerUrl server, WebOptions web) : server_(std::move(server)), web_(std::move(web)) {}

  const ServerUrl& server() const { return server_; }
  absl::StatusOr<WebAnswer> Get(const std::string& path, const std::string& method = "GET") const;
  /// A request of 2026-07-28. `name` is the tool's, for tools/call. An empty key sends none.
  absl::StatusOr<McpAnswer> Ask(const Secret& key, const std::string& method, const std::string& name = "",
                                Headers more = {}) const;
  /// The handshake of 2025-11-25, and the end of the session it opened.
  absl::StatusOr<McpAnswer> Initialize(const Secret& key) const;

 private:
  absl::StatusOr<McpAnswer> Post(const Secret& key, const Json& message, Headers headers) const;

  const ServerUrl server_;
  const WebOptions web_;
};

}  // namespace mcpgate::hosts
