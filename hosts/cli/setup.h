// File: cli/setup.h
//
// mcpgate setup claude-desktop.
#pragma once

#include <string>

#include "cli/console.h"
#include "cli/keys.h"

namespace mcpgate::hosts {

struct SetupOptions {
  std::string data;
  std::string config;  ///< empty: where Claude Desktop looks
  std::string server_name = "mcpgate";
  std::string program;        ///< mcpgate-stdio; empty: beside this program, else in PATH
  std::string key_file;       ///< used when it exists, made when it does not; empty:
                              ///< keys/claude-desktop-<server>.key in the data
  KeyWish wish;               ///< the key to make
  bool rights_given = false;  ///< --role, --channel or --expires was given
  std::string discord_token_file;
  bool sandbox = false;
  bool print = false;
  bool undo = false;
};
/// Writes, prints or takes back the configuration. The configuration names files that hold secrets, never a
/// secret.
int SetupClaudeDesktop(const Console& console, const SetupOptions& options);

}  // namespace mcpgate::hosts
