// File: cli/limits.h
//
// mcpgate limits: what the hosts limit, and what a key has left of it. mcpgate usage: what was spent of
// budgets.
#pragma once

#include <string>

#include "cli/choice.h"
#include "cli/console.h"

namespace mcpgate::hosts {

struct LimitsOptions {
  std::string data;
  std::string config;     ///< of mcpgate-http; empty: the environment alone
  std::string key, tool;  ///< empty: none
};
int ShowLimits(const Console& console, const LimitsOptions& options);

struct UsageOptions {
  std::string data;
  std::string config;  ///< as above
  std::string tenant;  ///< empty: all
};
int ShowUsage(const Console& console, const UsageOptions& options);

void DeclareLimits(CLI::App& root, Choice& choice);

}  // namespace mcpgate::hosts
