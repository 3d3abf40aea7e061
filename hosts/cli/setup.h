// File: cli/setup.h
//
// mcpgate setup CLIENT: puts mcpgate into a client's configuration.
#pragma once

#include <string>

#include "cli/console.h"
#include "cli/keys.h"
#include "common/client_kind.h"

namespace mcpgate::hosts {

struct SetupOptions {
  Client client = Client::kClaudeDesktop;
  std::string data;
  std::string url;          ///< of an mcpgate-http; empty: the client starts mcpgate-stdio
  bool project = false;     ///< the configuration of the project in the current directory
  std::string config;       ///< empty: where the client looks
  bool inline_key = false;  ///< the key itself goes into the configuration
  bool insecure = false;    ///< plain HTTP beyond loopback is wanted
  std::string server_name = "mcpgate";
  std::string program;        ///< mcpgate-stdio; empty: beside this program, else in PATH
  std::string key_file;       ///< used when it exists, made when it does not; empty:
                              ///< keys/<client>-<server>.key in the data
  KeyWish wish;               ///< the key to make
  bool rights_given = false;  ///< --role, --channel or --expires was given
  std::string discord_token_file;
  bool sandbox = false;
  bool print = false;
  bool write = false;  ///< says what is done anyway
  bool undo = false;
};
/// Writes, prints or takes back the configuration. It names files that hold secrets, never a secret, unless
/// `inline_key` asks for it.
int SetupClient(const Console& console, const SetupOptions& options);

}  // namespace mcpgate::hosts
