#include "storage/sqlite/audit_walk.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

#include "storage/sqlite/schema.h"

namespace mcpgate::sqlite {
namespace {

AuditVerdict Verdict(AuditVerdict::State state, std::uint64_t records, std::string detail) {
  return {.state = state, .records = records, .first_bad = records + 1, .detail = std::move(detail)};
}

AuditVerdict Tampered(std::uint64_t records, std::string detail) {
  return Verdict(AuditVerdict::State::kTampered, records, std::move(detail));
}

// One walk along the chain. Confined to one thread.
class Walk {
 public:
  explicit Walk(const AuditChain& chain) : chain_(chain) {}

  AuditVerdict Run(Database& db) {
    Statement rows, head;
    absl::Status status = db.Execute("BEGIN");  // one snapshot, whatever writers do meanwhile
    status.Update(PrepareInto(db, head, kSelectHead));
    status.Update(PrepareInto(db, rows, "SELECT seq, body, hash FROM audit ORDER BY seq"));
    if (!status.ok()) return Unreadable(0, status);
    const absl::StatusOr<ChainHead> end = ReadHead(head, chain_);
    if (!end.ok() && !absl::IsDataLoss(end.status())) return Unreadable(0, end.status());
    if (std::optional<AuditVerdict> bad = Follow(rows)) return *bad;
    if (!end.ok()) return Tampered(at_.seq, std::string(end.status().message()));
    if (std::optional<AuditVerdict> bad = Compare(*end)) return *bad;
    return CheckTree(db);
  }

 private:
  std::optional<AuditVerdict> Follow(Statement& rows) {
    absl::StatusOr<bool> row = rows.Step();
    for (; row.ok() && *row; row = rows.Step()) {
      const std::optional<std::int64_t> seq = rows.Integer(0);
      const std::optional<std::string_view> body = rows.Text(1), hash = rows.Blob(2);
      const std::uint64_t next = at_.seq + 1;
      if (seq != static_cast<std::int64_t>(next))
        return Tampered(at_.seq, fmt::format("record {} is missing", next));
      if (!body || !hash) return Tampered(at_.seq, fmt::format("record {} has columns of other types", next));
      const Digest expected = chain_.HashAfter(at_, *body);
      if (*hash != AsView(expected)) return Tampered(at_.seq, fmt::format("record {} was changed", next));
      at_ = {.seq = next, .hash = expected};
    }
    if (!row.ok()) return Unreadable(at_.seq, row.status());
    return std::nullopt;
  }

  std::optional<AuditVerdict> Compare(const ChainHead& end) const {
    if (end.seq > at_.seq)
      return Verdict(AuditVerdict::State::kTruncated, at_.seq,
                     fmt::format("the chain had {} records; those after {} are gone", end.seq, at_.seq));
    if (end.seq < at_.seq)
      return Tampered(end.seq, fmt::format("records after {} are beyond the head of the chain", end.seq));
    if (end.hash != at_.hash) return Tampered(at_.seq, "the head of the chain has another hash");
    return std::nullopt;
  }

  // The walk reads the leaves from left to right. A read that seeks goes through inner pages, which must lead
  // to the same leaves.
  AuditVerdict CheckTree(Database& db) const {
    Statement check;
    if (absl::Status status = PrepareInto(db, check, "PRAGMA quick_check(1)"); !status.ok())
      return Unreadable(at_.seq, status);
    const absl::StatusOr<bool> row = check.Step();
    if (!row.ok()) return Unreadable(at_.seq, row.status());
    const std::string_view answer = *row ? check.Text(0).value_or("") : "";
    if (answer != "ok")
      return Verdict(AuditVerdict::State::kUnreadable, at_.seq, fmt::format("audit.db: {}", answer));
    return {.state = AuditVerdict::State::kIntact, .records = at_.seq};
  }

  const AuditChain& chain_;
  ChainHead at_;
};

}  // namespace

AuditVerdict WalkChain(Database& db, const AuditChain& chain) { return Walk(chain).Run(db); }

AuditVerdict Unreadable(std::uint64_t records, const absl::Status& status) {
  return Verdict(AuditVerdict::State::kUnreadable, records, std::string(status.message()));
}

}  // namespace mcpgate::sqlite
