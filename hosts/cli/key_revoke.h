// File: cli/key_revoke.h
//
// mcpgate keys revoke: one key, or all that a filter means.
#pragma once

#include <string>

#include "cli/console.h"

namespace mcpgate::hosts {

struct RevokeOptions {
  std::string data;
  std::string id;                                                       ///< of one key, or
  std::string tenant, principal, parent, name, unused_for, older_than;  ///< what all of them have
  bool only_this = false;  ///< of a key that is being rotated: this secret alone
  bool dry_run = false;
};
int RevokeKeys(const Console& console, const RevokeOptions& options);

}  // namespace mcpgate::hosts
