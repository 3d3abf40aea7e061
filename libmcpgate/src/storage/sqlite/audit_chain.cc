#include "storage/sqlite/audit_chain.h"

#include <algorithm>
#include <optional>

namespace mcpgate::sqlite {
namespace {

bool CopyDigest(std::optional<std::string_view> blob, Digest& digest) {
  if (!blob || blob->size() != digest.size()) return false;
  std::copy(blob->begin(), blob->end(), digest.begin());
  return true;
}

std::optional<ChainHead> HeadOfRow(const Statement& row, Digest& mac) {
  ChainHead head;
  const std::optional<std::int64_t> seq = row.Integer(0);
  if (!seq || *seq < 0 || !CopyDigest(row.Blob(1), head.hash) || !CopyDigest(row.Blob(2), mac))
    return std::nullopt;
  head.seq = static_cast<std::uint64_t>(*seq);
  return head;
}

}  // namespace

AuditChain::AuditChain(const Secret& root_key)
    : link_key_(DeriveSecret(root_key, "audit-chain")), head_key_(DeriveSecret(root_key, "audit-head")) {}

Digest AuditChain::HashAfter(const ChainHead& head, std::string_view body) const {
  return Blake2b(link_key_, "audit-chain")
      .AddNumber(static_cast<std::int64_t>(head.seq + 1))
      .Add(AsView(head.hash))
      .Add(body)
      .Finish();
}

Digest AuditChain::MacOf(const ChainHead& head) const {
  return Blake2b(head_key_, "audit-head")
      .AddNumber(static_cast<std::int64_t>(head.seq))
      .Add(AsView(head.hash))
      .Finish();
}

Digest AuditChain::MacOfBase(const ChainHead& base) const {
  return Blake2b(head_key_, "audit-base")
      .AddNumber(static_cast<std::int64_t>(base.seq))
      .Add(AsView(base.hash))
      .Finish();
}

absl::StatusOr<ChainHead> ReadHead(Statement& statement, const AuditChain& chain) {
  ResetAtEnd reset(statement);
  const absl::StatusOr<bool> row = statement.Step();
  if (!row.ok()) return row.status();
  Digest mac;
  const std::optional<ChainHead> head = *row ? HeadOfRow(statement, mac) : std::nullopt;
  if (head && ConstantTimeEqual(mac, chain.MacOf(*head))) return *head;
  return absl::DataLossError(
      "audit.db: the head of the chain is missing, was changed, or was made under another root.key; keep the "
      "file as evidence and move it aside to begin a new trail");
}

absl::StatusOr<ChainHead> ReadBase(Statement& statement, const AuditChain& chain) {
  ResetAtEnd reset(statement);
  const absl::StatusOr<bool> row = statement.Step();
  if (!row.ok()) return row.status();
  if (!*row) return ChainHead{};
  Digest mac;
  const std::optional<ChainHead> base = HeadOfRow(statement, mac);
  if (base && ConstantTimeEqual(mac, chain.MacOfBase(*base))) return *base;
  return absl::DataLossError(
      "audit.db: what says up to where retention removed records was changed, or made under another "
      "root.key");
}

}  // namespace mcpgate::sqlite
