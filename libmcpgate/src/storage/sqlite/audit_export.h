// File: storage/sqlite/audit_export.h
//
// Writes an export that proves itself; `mcpgate/audit_export.h` says what its lines are.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "base/merkle.h"
#include "base/signed_note.h"
#include "mcpgate/audit_trail.h"

namespace mcpgate::sqlite {

/// ExportWriter
///
/// Is told of every record, in order. Not thread-safe.
class ExportWriter {
 public:
  /// Both must outlive the writer.
  ExportWriter(const NoteSigner& signer, const LineSink& write) : signer_(signer), write_(write) {}

  absl::Status Begin();
  absl::Status Record(std::uint64_t seq, std::string_view body);
  /// Stands for records that are not shown.
  absl::Status Skip(std::uint64_t seq, std::string_view body);
  absl::Status Skip(const MerkleRange& removed);
  absl::Status End(const MerkleRange& tree);

 private:
  absl::Status WriteGap();

  const NoteSigner& signer_;
  const LineSink& write_;
  MerkleRange gap_;  ///< what was skipped since the last line
};

}  // namespace mcpgate::sqlite
