#include "storage/sqlite/audit_walk.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "storage/sqlite/audit_ground.h"
#include "storage/sqlite/schema.h"

namespace mcpgate::sqlite {
namespace {

using State = AuditVerdict::State;

AuditVerdict Verdict(State state, std::uint64_t records, std::string detail) {
  return {.state = state, .records = records, .first_bad = records + 1, .detail = std::move(detail)};
}

AuditVerdict Tampered(std::uint64_t records, std::string detail) {
  return Verdict(State::kTampered, records, std::move(detail));
}

/// What somebody said the tree of some size is.
struct Mark {
  std::uint64_t size = 0;
  Digest root{};
  bool outside = false;  ///< a checkpoint and no header of a segment
};

// One walk. Confined to one thread.
class Walk {
 public:
  Walk(const AuditChain& chain, const NoteVerifier& verifier, const WalkOptions& options)
      : chain_(chain), verifier_(verifier), options_(options) {}

  AuditVerdict Run(Database& db) {
    Statement rows, head;
    absl::Status status = db.Execute("BEGIN");  // one snapshot
    status.Update(PrepareInto(db, head, kSelectHead));
    status.Update(PrepareInto(db, rows, "SELECT seq, body, hash FROM audit WHERE seq>?1 ORDER BY seq"));
    if (!status.ok()) return Unreadable(0, status);
    const absl::StatusOr<ChainHead> end = ReadHead(head, chain_);
    if (!end.ok() && !absl::IsDataLoss(end.status())) return Unreadable(0, end.status());
    const absl::StatusOr<AuditGround> ground = ReadGround(db, chain_, verifier_);
    if (!ground.ok() && !absl::IsDataLoss(ground.status())) return Unreadable(0, ground.status());
    // What does not hold in the small tables is told after the records, which are named by number.
    if (ground.ok()) StandOn(*ground);
    if (std::optional<AuditVerdict> bad = CheckMarks()) return *bad;
    if (options_.on_removed) {
      if (status = options_.on_removed(tree_); !status.ok()) return Unreadable(at_.seq, status);
    }
    // Nobody reads them, but they are not ours. (Those up to the base may still wait to be swept away.)
    const absl::StatusOr<std::int64_t> strange = db.Number("SELECT count(*) FROM audit WHERE seq<1");
    if (!strange.ok()) return Unreadable(at_.seq, strange.status());
    if (*strange > 0) return Tampered(at_.seq, "there are records before the first one");
    rows.Bind(1, static_cast<std::int64_t>(at_.seq));
    if (std::optional<AuditVerdict> bad = Follow(rows)) return *bad;
    if (!end.ok()) return Tampered(at_.seq, std::string(end.status().message()));
    if (!ground.ok()) return Tampered(at_.seq, std::string(ground.status().message()));
    if (std::optional<AuditVerdict> bad = Compare(*end)) return *bad;
    return CheckPages(db);
  }
  MerkleRange tree() && { return std::move(tree_); }

 private:
  void StandOn(const AuditGround& ground) {
    at_ = ground.base;
    tree_ = ground.removed;
    for (const AuditSegment& segment : ground.segments) marks_.push_back({segment.end.seq, segment.root});
    for (const Checkpoint& checkpoint : options_.checkpoints)
      marks_.push_back({checkpoint.size, checkpoint.root, /*outside=*/true});
    std::stable_sort(marks_.begin(), marks_.end(),
                     [](const Mark& a, const Mark& b) { return a.size < b.size; });
    PassRemoved();
  }

  // Of what is gone only the ends of segments can still be compared.
  void PassRemoved() {
    for (; next_ < marks_.size() && marks_[next_].size < at_.seq; ++next_) {
      const Mark& mark = marks_[next_];
      if (!mark.outside) continue;
      const auto known = std::find_if(marks_.begin(), marks_.end(), [&](const Mark& other) {
        return !other.outside && other.size == mark.size;
      });
      if (known == marks_.end()) {
        incomplete_ = fmt::format(
            "the checkpoint of {} records lies within a segment that retention removed and cannot be "
            "compared",
            mark.size);
      } else if (known->root != mark.root) {
        removed_differ_ = mark;
      }
    }
  }

  std::optional<AuditVerdict> CheckMarks() {
    if (removed_differ_) return Rewritten(*removed_differ_);
    for (; next_ < marks_.size() && marks_[next_].size == at_.seq; ++next_) {
      if (marks_[next_].root != tree_.Root()) return Rewritten(marks_[next_]);
      proved_ = at_.seq;
    }
    return std::nullopt;
  }

  AuditVerdict Rewritten(const Mark& mark) const {
    return Tampered(
        std::min(proved_, mark.size),
        fmt::format("the trail was written anew: its records {} to {} are not those that {} of {} "
                    "records names",
                    std::min(proved_, mark.size) + 1, mark.size,
                    mark.outside ? "the checkpoint" : "the segment's header", mark.size));
  }

  std::optional<AuditVerdict> Follow(Statement& rows) {
    const bool grow = options_.grow_tree || !marks_.empty();
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
      if (grow) tree_.AppendLeaf(MerkleLeaf(*body));
      if (std::optional<AuditVerdict> bad = CheckMarks()) return bad;
      if (!options_.on_record) continue;
      if (absl::Status status = options_.on_record(next, *body); !status.ok())
        return Unreadable(at_.seq, status);
    }
    if (!row.ok()) return Unreadable(at_.seq, row.status());
    return std::nullopt;
  }

  std::optional<AuditVerdict> Compare(const ChainHead& end) const {
    if (end.seq > at_.seq)
      return Verdict(State::kTruncated, at_.seq,
                     fmt::format("the chain had {} records; those after {} are gone", end.seq, at_.seq));
    if (end.seq < at_.seq)
      return Tampered(end.seq, fmt::format("records after {} are beyond the head of the chain", end.seq));
    if (end.hash != at_.hash) return Tampered(at_.seq, "the head of the chain has another hash");
    if (next_ < marks_.size())
      return Verdict(State::kTruncated, at_.seq,
                     fmt::format("{} of {} records was made; those after {} are gone",
                                 marks_.back().outside ? "a checkpoint" : "a segment's header",
                                 marks_.back().size, at_.seq));
    return std::nullopt;
  }

  // The walk reads the leaves from left to right. A read that seeks goes through inner pages, which must lead
  // to the same leaves.
  AuditVerdict CheckPages(Database& db) const {
    Statement check;
    if (absl::Status status = PrepareInto(db, check, "PRAGMA quick_check(1)"); !status.ok())
      return Unreadable(at_.seq, status);
    const absl::StatusOr<bool> row = check.Step();
    if (!row.ok()) return Unreadable(at_.seq, row.status());
    const std::string_view answer = *row ? check.Text(0).value_or("") : "";
    if (answer != "ok") return Verdict(State::kUnreadable, at_.seq, fmt::format("audit.db: {}", answer));
    if (!incomplete_.empty()) return Verdict(State::kUnreadable, at_.seq, incomplete_);
    return {.state = State::kIntact, .records = at_.seq};
  }

  const AuditChain& chain_;
  const NoteVerifier& verifier_;
  const WalkOptions& options_;
  ChainHead at_;
  MerkleRange tree_;
  std::vector<Mark> marks_;   // by size
  std::size_t next_ = 0;      // of marks_, the first that is not yet compared
  std::uint64_t proved_ = 0;  // the size of the last one that agreed
  std::optional<Mark> removed_differ_;
  std::string incomplete_;
};

}  // namespace

WalkResult WalkTrail(Database& db, const AuditChain& chain, const NoteVerifier& verifier,
                     const WalkOptions& options) {
  Walk walk(chain, verifier, options);
  WalkResult result{.verdict = walk.Run(db)};
  result.tree = std::move(walk).tree();
  return result;
}

AuditVerdict Unreadable(std::uint64_t records, const absl::Status& status) {
  return Verdict(State::kUnreadable, records, std::string(status.message()));
}

}  // namespace mcpgate::sqlite
