// File: cli/explain.h
//
// mcpgate explain: which rule lets a key call a tool, or does not.
#pragma once

#include <string>

#include "cli/console.h"

namespace mcpgate::hosts {

struct ExplainOptions {
  std::string data;
  std::string key, tool;
  std::string needs;        ///< the role that the tool asks for; empty: as shipped, admin for others
  std::string policy_file;  ///< empty: none
};
int Explain(const Console& console, const ExplainOptions& options);

}  // namespace mcpgate::hosts
