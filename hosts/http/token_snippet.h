// File: http/token_snippet.h
//
// What a client's configuration says of a token that this server has put into a file.
#pragma once

#include <string>

#include "mcpgate/json.h"

namespace mcpgate::hosts {

/// Where the client finds a server that takes the token.
struct TokenPlace {
  std::string data_directory{};
  std::string url{};  ///< of MCP over HTTP
  bool sandbox = false;
  std::string discord_token_file{};
};

/// {"stdio": {"mcpServers": {NAME: {command, args, env}}}, "http": {"mcpServers": {NAME: {type, url,
/// headers}}}}: for a client on this machine, and for one that reaches it. Neither holds the token.
Json TokenSnippet(const TokenPlace& place, const std::string& name, const std::string& token_file);

}  // namespace mcpgate::hosts
