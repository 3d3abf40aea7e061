// File: cli/audit_proof.h
//
// mcpgate audit checkpoint | key | export: what others can verify the trail by.
#pragma once

#include <string>

#include "cli/audit_read.h"
#include "cli/console.h"

namespace mcpgate::hosts {

struct ProofOptions {
  std::string data;
};
/// Prints a signed checkpoint of the trail as it is now.
int PrintCheckpoint(const Console& console, const ProofOptions& options);
/// Prints the verifier key.
int PrintAuditKey(const Console& console, const ProofOptions& options);

struct ExportAuditOptions {
  std::string data;
  AuditFilterOptions filter;
  std::string out;  ///< empty: standard output
};
int ExportAudit(const Console& console, const ExportAuditOptions& options);

}  // namespace mcpgate::hosts
