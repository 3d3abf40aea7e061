// File: storage/sqlite/audit_walk.h
//
// Along the chain from its beginning to its head.
#pragma once

#include "mcpgate/audit_trail.h"
#include "storage/sqlite/audit_chain.h"
#include "storage/sqlite/database.h"

namespace mcpgate::sqlite {

/// Reads every record in one snapshot of `db`, whatever writers do meanwhile.
AuditVerdict WalkChain(Database& db, const AuditChain& chain);
/// Nothing is proved, because `status` came in the way after so many records.
AuditVerdict Unreadable(std::uint64_t records, const absl::Status& status);

}  // namespace mcpgate::sqlite
