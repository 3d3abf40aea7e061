// File: cli/audit_verify.h
//
// mcpgate audit verify.
#pragma once

#include <string>
#include <vector>

#include "cli/console.h"

namespace mcpgate::hosts {

struct VerifyOptions {
  std::string data;
  std::vector<std::string> checkpoints;  ///< files, or directories of files
  std::string export_file;               ///< verify this export instead of the trail
  std::vector<std::string> lines;        ///< verify these files of JSON lines instead, oldest first
  std::string key;                       ///< the export's verifier key; empty: the one it names
};
/// 0: intact; 1: a record was changed, removed or put in; 2: the end is missing; 3: could not be read to the
/// end, or a checkpoint cannot be compared, so nothing is proved.
int VerifyAudit(const Console& console, const VerifyOptions& options);

}  // namespace mcpgate::hosts
