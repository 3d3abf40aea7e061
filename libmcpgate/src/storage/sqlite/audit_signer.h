// File: storage/sqlite/audit_signer.h
//
// Who signs for the trail of a data directory.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/checkpoint.h"
#include "base/merkle.h"
#include "base/signed_note.h"
#include "mcpgate/secret.h"

namespace mcpgate::sqlite {

/// Name and key are derived from the root key. The name is the origin of the trail's checkpoints, too.
NoteSigner AuditSigner(const Secret& root_key);

/// A signed checkpoint of the trail that `tree` covers.
std::string SealCheckpoint(const NoteSigner& signer, const MerkleRange& tree);
/// InvalidArgument, NotFound or DataLoss, as of NoteVerifier, when `note` is not a checkpoint of this trail.
absl::StatusOr<Checkpoint> OpenCheckpoint(const NoteVerifier& verifier, std::string_view note);

}  // namespace mcpgate::sqlite
