// File: storage/sqlite/audit_chain.h
//
// What makes the trail provable: each record's hash covers the one before it, and the head says where the
// chain ends. All of it is keyed, so only a holder of the root key can lengthen or mend it.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/crypto.h"
#include "mcpgate/secret.h"
#include "storage/sqlite/database.h"

namespace mcpgate::sqlite {

/// The end of the chain: the last record's number and hash; 0 and zeros before the first.
struct ChainHead {
  std::uint64_t seq = 0;
  Digest hash{};
};

/// AuditChain
///
/// Immutable; safe for concurrent use.
class AuditChain {
 public:
  explicit AuditChain(const Secret& root_key);
  /// The hash of the record that follows `head`.
  Digest HashAfter(const ChainHead& head, std::string_view body) const;
  Digest MacOf(const ChainHead& head) const;
  /// Of the place up to which retention has removed the records.
  Digest MacOfBase(const ChainHead& base) const;

 private:
  const Secret link_key_, head_key_;
};

/// The columns of the one row of table `head`.
inline constexpr std::string_view kSelectHead = "SELECT seq, hash, mac FROM head WHERE id=1";
/// DataLoss when the row `statement` selects is missing or not authentic.
absl::StatusOr<ChainHead> ReadHead(Statement& statement, const AuditChain& chain);
/// The columns of table `base`, which has one row once something was removed.
inline constexpr std::string_view kSelectBase = "SELECT seq, hash, mac FROM base WHERE id=1";
/// Seq 0 when nothing was removed; DataLoss when the row is not authentic.
absl::StatusOr<ChainHead> ReadBase(Statement& statement, const AuditChain& chain);

}  // namespace mcpgate::sqlite
