// File: cli/run_sandbox.h
//
// mcpgate sandbox: the Discord stand-in by itself.
#pragma once

#include <cstdint>
#include <string>

#include "cli/console.h"

namespace mcpgate::hosts {

struct RunSandboxOptions {
  std::uint16_t port = 0;
  std::int64_t latency_ms = 0;
  std::uint64_t seed = 1;
  bool no_rate_limits = false;
  std::string token_file;  ///< read when it exists, made when it does not
};
/// Serves until SIGINT or SIGTERM.
int RunSandbox(const Console& console, const RunSandboxOptions& options);

}  // namespace mcpgate::hosts
