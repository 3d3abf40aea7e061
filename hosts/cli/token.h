// File: cli/token.h
//
// mcpgate token create: a session in a file, and what to paste into a client.
#pragma once

#include <string>

#include "cli/console.h"
#include "cli/keys.h"

namespace mcpgate::hosts {

struct CreateTokenOptions {
  std::string data;
  std::string tenant = "default", principal;  ///< whose only live key it is minted from, or
  std::string key;                            ///< the id of that key
  std::string client = "claude-desktop";
  std::string role;  ///< empty: the key's
  std::string lifetime = "12h";
  std::string url;  ///< empty: the client starts mcpgate-stdio
  std::string discord_token_file;
  bool sandbox = false;
};
int CreateToken(const Console& console, const CreateTokenOptions& options);

}  // namespace mcpgate::hosts
