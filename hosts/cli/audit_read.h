// File: cli/audit_read.h
//
// mcpgate audit list | search | tail.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "cli/console.h"
#include "mcpgate/audit_trail.h"

namespace mcpgate::hosts {

/// Which records; empty: any.
struct AuditFilterOptions {
  std::string tenant, key, action, klass, outcome, call, since, until;
};
/// InvalidArgument names the option that is wrong.
absl::StatusOr<AuditQuery> QueryOf(const AuditFilterOptions& options);

struct ListAuditOptions {
  std::string data;
  AuditFilterOptions filter;
  std::string text;    ///< for `search`
  std::string cursor;  ///< empty: the first page
  std::size_t count = 50;
  bool oldest_first = false;
};
/// Shows one page and how to get the next.
int ListAudit(const Console& console, const ListAuditOptions& options);

struct TailOptions {
  std::string data;
  std::size_t count = 20;
  bool follow = false;
  AuditFilterOptions filter;
};
/// Shows the newest records, oldest first; with `follow` also those to come, until SIGINT or SIGTERM.
int TailAudit(const Console& console, const TailOptions& options);

}  // namespace mcpgate::hosts
