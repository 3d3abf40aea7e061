// File: storage/sqlite/audit_walk.h
//
// Along the chain from its beginning to its head.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/checkpoint.h"
#include "base/merkle.h"
#include "base/signed_note.h"
#include "mcpgate/audit_trail.h"
#include "storage/sqlite/audit_chain.h"
#include "storage/sqlite/database.h"

namespace mcpgate::sqlite {

struct WalkOptions {
  std::vector<Checkpoint> checkpoints{};  ///< what the trail must agree with
  bool grow_tree = false;                 ///< fill in `tree` even if there is nothing to compare it with
  /// Told of what retention removed and of each record that holds. An error ends the walk as unreadable.
  std::function<absl::Status(const MerkleRange& removed)> on_removed{};
  std::function<absl::Status(std::uint64_t seq, std::string_view body)> on_record{};
};
struct WalkResult {
  AuditVerdict verdict{};
  MerkleRange tree{};
};
/// Reads every record in one snapshot of `db`, whatever writers do meanwhile.
WalkResult WalkTrail(Database& db, const AuditChain& chain, const NoteVerifier& verifier,
                     const WalkOptions& options);
/// Nothing is proved, because `status` came in the way after so many records.
AuditVerdict Unreadable(std::uint64_t records, const absl::Status& status);

}  // namespace mcpgate::sqlite
