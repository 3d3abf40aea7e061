// File: cli/collect.h
//
// mcpgate gc: removes what ended long ago, as hosts do by themselves.
#pragma once

#include <string>

#include "cli/choice.h"

namespace mcpgate::hosts {

struct CollectOptions {
  std::string data;
  std::string job_ttl;  ///< empty: as hosts have it
  bool dry_run = false;
};
int CollectGarbage(const Console& console, const CollectOptions& options);
void DeclareCollect(CLI::App& root, Choice& choice);

}  // namespace mcpgate::hosts
