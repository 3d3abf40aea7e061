// File: storage/sqlite/audit_segment.h
//
// A closed piece of the trail. Its header is a signed checkpoint of the trail up to its end with what is
// needed to go on from there, so it stands for the records once they are gone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/merkle.h"
#include "base/signed_note.h"
#include "storage/sqlite/audit_chain.h"

namespace mcpgate::sqlite {

struct AuditSegment {
  std::uint64_t first = 0;
  ChainHead end{};                 ///< its last record
  MerkleRange range{};             ///< of its own records
  Digest root{};                   ///< of the whole trail up to its end
  std::string oldest{}, newest{};  ///< times, as records have them
};

std::string SealSegment(const NoteSigner& signer, const AuditSegment& segment);
/// DataLoss when the header is not ours or not whole.
absl::StatusOr<AuditSegment> OpenSegment(const NoteVerifier& verifier, std::string_view note);

/// The value of `time` in a record's text; empty when there is none.
std::string_view TimeOfBody(std::string_view body);

}  // namespace mcpgate::sqlite
