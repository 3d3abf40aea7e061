// File: common/admin_change.h
//
// An administrative change in the audit trail: its intent is durable before the change, its outcome follows.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/audit.h"

namespace mcpgate::hosts {

/// AdminChange
///
/// One change made by whoever can write the data directory: at the command line, or as housekeeping. Confine
/// to one thread.
class AdminChange {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  /// Records that `action` ("keys.revoke") is about to be done to `key` (an id; empty when there is none
  /// yet). `source` is where that was decided. When this fails the change must not be made.
  static absl::StatusOr<AdminChange> Begin(AuditSink& sink, std::string action, std::string key,
                                           Fields fields, std::string source = "cli");
  /// Records how it went. `key` is the id that the change touched or made.
  absl::Status End(const absl::Status& result, std::string key);

 private:
  AdminChange(AuditSink& sink, AuditRecord record) : sink_(&sink), record_(std::move(record)) {}

  AuditSink* sink_;
  AuditRecord record_;
};

}  // namespace mcpgate::hosts
