// File: storage/sqlite/audit_ground.h
//
// Where the records that are still there begin, and what was closed before.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "base/merkle.h"
#include "base/signed_note.h"
#include "storage/sqlite/audit_chain.h"
#include "storage/sqlite/audit_segment.h"
#include "storage/sqlite/database.h"

namespace mcpgate::sqlite {

struct AuditGround {
  ChainHead base{};                      ///< the last record that retention removed; seq 0: none was
  MerkleRange removed{};                 ///< the tree up to there
  std::vector<AuditSegment> segments{};  ///< all that were ever closed, in order
};
/// DataLoss when a header or the base does not hold, or they do not fit together.
absl::StatusOr<AuditGround> ReadGround(Database& db, const AuditChain& chain, const NoteVerifier& verifier);

}  // namespace mcpgate::sqlite
