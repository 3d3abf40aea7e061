#include "storage/sqlite/audit_ground.h"

#include <fmt/format.h>

#include <utility>

#include "storage/sqlite/schema.h"

namespace mcpgate::sqlite {
namespace {

// Each header names the root of the whole trail up to its end, so none can be left out or put elsewhere.
absl::Status AddSegment(AuditGround& ground, MerkleRange& tree, AuditSegment segment) {
  if (segment.first != tree.end() + 1 || !tree.Append(segment.range) || tree.Root() != segment.root)
    return absl::DataLossError(fmt::format(
        "audit.db: the header of the segment from record {} does not fit the one before it", segment.first));
  if (segment.end.seq == ground.base.seq) {
    if (segment.end.hash != ground.base.hash)
      return absl::DataLossError("audit.db: the chain does not go on where retention removed records");
    ground.removed = tree;
  }
  ground.segments.push_back(std::move(segment));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<AuditGround> ReadGround(Database& db, const AuditChain& chain, const NoteVerifier& verifier) {
  Statement base, rows;
  absl::Status status = PrepareInto(db, base, kSelectBase);
  status.Update(PrepareInto(db, rows, "SELECT note FROM segment ORDER BY last"));
  if (!status.ok()) return status;
  AuditGround ground;
  absl::StatusOr<ChainHead> at = ReadBase(base, chain);
  if (!at.ok()) return at.status();
  ground.base = *at;
  MerkleRange tree;
  absl::StatusOr<bool> row = rows.Step();
  for (; row.ok() && *row; row = rows.Step()) {
    absl::StatusOr<AuditSegment> segment = OpenSegment(verifier, rows.Text(0).value_or(""));
    if (!segment.ok()) return segment.status();
    if (status = AddSegment(ground, tree, *std::move(segment)); !status.ok()) return status;
  }
  if (!row.ok()) return row.status();
  if (ground.removed.end() != ground.base.seq)
    return absl::DataLossError("audit.db: there is no header for the records that retention removed");
  return ground;
}

}  // namespace mcpgate::sqlite
