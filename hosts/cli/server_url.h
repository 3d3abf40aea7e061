// File: cli/server_url.h
//
// The address of a server that speaks MCP over HTTP, as people write it.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace mcpgate::hosts {

struct ServerUrl {
  std::string text;    ///< whole, "http://127.0.0.1:8808/mcp"
  std::string origin;  ///< "http://127.0.0.1:8808"
  std::string path;    ///< "/mcp"
  bool secure = false;
  bool loopback = false;  ///< localhost, 127.0.0.0/8 or [::1], written as such
};
/// InvalidArgument unless it is http or https with a host, and without user, password, query or fragment.
absl::StatusOr<ServerUrl> ParseServerUrl(const std::string& text);

}  // namespace mcpgate::hosts
