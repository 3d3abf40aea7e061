// File: cli/audit.h
//
// mcpgate audit tail | verify.
#pragma once

#include <cstddef>
#include <string>

#include "cli/console.h"

namespace mcpgate::hosts {

struct TailOptions {
  std::string data;
  std::size_t count = 20;
  bool follow = false;
  std::string key, action, outcome;  ///< empty: any
};
/// Shows the newest records, oldest first; with `follow` also those to come, until SIGINT or SIGTERM.
int TailAudit(const Console& console, const TailOptions& options);

struct VerifyOptions {
  std::string data;
};
/// 0: intact; 1: a record was changed, removed or put in; 2: the end is missing; 3: could not be read to the
/// end, so nothing is proved.
int VerifyAudit(const Console& console, const VerifyOptions& options);

}  // namespace mcpgate::hosts
