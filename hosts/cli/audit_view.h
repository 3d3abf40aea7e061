// File: cli/audit_view.h
//
// Records of the trail as they are shown.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "cli/console.h"
#include "mcpgate/audit_trail.h"
#include "mcpgate/sqlite.h"

namespace mcpgate::hosts {

/// The storage in the data directory that `data` names. NotFound when there is no trail.
absl::StatusOr<std::unique_ptr<SqliteStorage>> OpenTrail(const std::string& data);
/// The record with its seq, for programs.
Json RecordJson(const StoredAudit& stored);
/// One record in a line of its own.
void ShowRecord(const Console& console, const StoredAudit& stored);

}  // namespace mcpgate::hosts
