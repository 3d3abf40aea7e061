#include "storage/sqlite/audit_export.h"

#include <fmt/format.h>

#include <string>

#include "base/crypto.h"
#include "mcpgate/json.h"
#include "storage/sqlite/audit_signer.h"

namespace mcpgate::sqlite {

absl::Status ExportWriter::Begin() {
  return write_(DumpJson({{"mcpgate_audit_export", 1}, {"verifier", signer_.verifier().ToText()}}));
}

absl::Status ExportWriter::Record(std::uint64_t seq, std::string_view body) {
  if (absl::Status status = WriteGap(); !status.ok()) return status;
  gap_ = MerkleRange(seq);
  // The body is canonical, so it is itself again when it is parsed and dumped.
  return write_(fmt::format("{{\"record\":{},\"seq\":{}}}", body, seq));
}

absl::Status ExportWriter::Skip(std::uint64_t, std::string_view body) {
  gap_.AppendLeaf(MerkleLeaf(body));
  return absl::OkStatus();
}

absl::Status ExportWriter::Skip(const MerkleRange& removed) {
  gap_ = removed;
  return absl::OkStatus();
}

absl::Status ExportWriter::WriteGap() {
  if (gap_.begin() == gap_.end()) return absl::OkStatus();
  return write_(DumpJson({{"gap", {gap_.begin() + 1, gap_.end()}}, {"tree", Base64Encode(gap_.Pack())}}));
}

absl::Status ExportWriter::End(const MerkleRange& tree) {
  if (absl::Status status = WriteGap(); !status.ok()) return status;
  return write_(DumpJson({{"checkpoint", SealCheckpoint(signer_, tree)}}));
}

}  // namespace mcpgate::sqlite
