// File: cli/selftest.h
//
// mcpgate selftest URL: does a running mcpgate-http do what it promises, seen from here?
#pragma once

#include <string>

#include "cli/console.h"

namespace mcpgate::hosts {

struct SelftestOptions {
  std::string url;
  std::string key_file;                      ///< empty: MCPGATE_API_KEY or MCPGATE_API_KEY_FILE, or no key
  std::string ca_file;                       ///< PEM; empty: the system's
  std::string tool = "check_server_status";  ///< called without arguments; must be read-only
  bool health = false;                       ///< health and readiness alone
  bool limits = false;  ///< asks with a wrong key until the server has enough of this address
};
/// 0: no check failed; 1: one did; 2: the URL or the key cannot be read.
int RunSelftest(const Console& console, const SelftestOptions& options);

}  // namespace mcpgate::hosts
