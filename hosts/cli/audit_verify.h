// File: cli/audit_verify.h
//
// mcpgate audit verify.
#pragma once

#include <string>

#include "cli/console.h"

namespace mcpgate::hosts {

struct VerifyOptions {
  std::string data;
};
/// 0: intact; 1: a record was changed, removed or put in; 2: the end is missing; 3: could not be read to the
/// end, so nothing is proved.
int VerifyAudit(const Console& console, const VerifyOptions& options);

}  // namespace mcpgate::hosts
