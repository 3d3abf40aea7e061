#include "storage/sqlite/audit_signer.h"

#include <string>

#include "base/crypto.h"

namespace mcpgate::sqlite {

NoteSigner AuditSigner(const Secret& root_key) {
  const Digest id = KeyedHash(DeriveSecret(root_key, "audit-origin"), "audit-origin", "");
  return NoteSigner("mcpgate.audit/" + HexEncode(id).substr(0, 16), DeriveSecret(root_key, "audit-note"));
}

std::string SealCheckpoint(const NoteSigner& signer, const MerkleRange& tree) {
  return signer.Sign(
      CheckpointText({.origin = signer.verifier().name(), .size = tree.end(), .root = tree.Root()}));
}

absl::StatusOr<Checkpoint> OpenCheckpoint(const NoteVerifier& verifier, std::string_view note) {
  absl::StatusOr<std::string> text = verifier.Open(note);
  if (!text.ok()) return text.status();
  absl::StatusOr<Checkpoint> checkpoint = ParseCheckpoint(*text);
  if (checkpoint.ok() && checkpoint->origin != verifier.name())
    return absl::InvalidArgumentError("the checkpoint is of another log");
  return checkpoint;
}

}  // namespace mcpgate::sqlite
