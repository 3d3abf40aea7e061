#include "storage/sqlite/audit_trail.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "storage/sqlite/audit_chain.h"
#include "storage/sqlite/audit_cursor.h"
#include "storage/sqlite/audit_export.h"
#include "storage/sqlite/audit_match.h"
#include "storage/sqlite/audit_signer.h"
#include "storage/sqlite/audit_walk.h"
#include "storage/sqlite/database.h"
#include "storage/sqlite/schema.h"

namespace mcpgate::sqlite {
namespace {

constexpr std::uint64_t kEnd = std::numeric_limits<std::int64_t>::max();
// Rows that one page looks at. There is no index but seq, which costs the writer nothing; so many rows take
// some tens of milliseconds.
constexpr std::size_t kRowsOfPage = 50'000;

/// A run through the rows between two seqs, which it does not reach.
struct Span {
  std::uint64_t above = 0, below = kEnd;
  bool up = true;
  std::size_t max_rows = std::numeric_limits<std::size_t>::max();
};

struct Found {
  std::vector<StoredAudit> records;           ///< as the run met them
  bool complete = true;                       ///< the run came to its end
  std::uint64_t first_row = 0, last_row = 0;  ///< seqs it looked at; 0: at none
};

absl::StatusOr<Statement> Rows(Database& db, const Span& span) {
  absl::StatusOr<Statement> rows = db.Prepare(fmt::format(
      "SELECT seq, body FROM audit WHERE seq>?1 AND seq<?2 ORDER BY seq {}", span.up ? "ASC" : "DESC"));
  if (!rows.ok()) return rows.status();
  rows->Bind(1, static_cast<std::int64_t>(std::min(span.above, kEnd)));
  rows->Bind(2, static_cast<std::int64_t>(std::min(span.below, kEnd)));
  return rows;
}

absl::StatusOr<Found> Run(Database& db, const AuditChain& chain, Span span, const AuditMatch& match,
                          std::size_t limit) {
  Statement select_base;
  if (absl::Status status = PrepareInto(db, select_base, kSelectBase); !status.ok()) return status;
  const absl::StatusOr<ChainHead> base = ReadBase(select_base, chain);
  if (!base.ok()) return base.status();
  span.above = std::max(span.above, base->seq);  // what retention removed may not be swept away yet
  absl::StatusOr<Statement> rows = Rows(db, span);
  if (!rows.ok()) return rows.status();
  Found found;
  for (std::size_t looked_at = 0;; ++looked_at) {
    const absl::StatusOr<bool> row = rows->Step();
    if (!row.ok()) return row.status();
    if (!*row) return found;
    if (found.records.size() == limit || looked_at == span.max_rows) break;
    const std::optional<std::int64_t> seq = rows->Integer(0);
    const std::optional<std::string_view> body = rows->Text(1);
    if (!seq || !body)
      return absl::DataLossError("audit.db: a record is not readable; run `mcpgate audit verify`");
    found.last_row = static_cast<std::uint64_t>(*seq);
    if (found.first_row == 0) found.first_row = found.last_row;
    if (match.Fits(*body)) found.records.push_back({.seq = found.last_row, .body = std::string(*body)});
  }
  found.complete = false;
  return found;
}

// The place before everything that `found` looked at, seen from where its run began.
AuditPlace Back(const AuditPlace& from, const Found& found, std::uint64_t after_seq) {
  if (found.first_row != 0) return {.up = !from.up, .seq = found.first_row};
  if (from.up) return {.up = false, .seq = from.seq + 1};
  return {.up = true, .seq = from.seq == kEnd ? after_seq : from.seq - 1};
}

// Safe for concurrent use.
class ChainedTrail : public AuditTrail {
 public:
  ChainedTrail(std::string path, const Secret& root_key, Nanos busy)
      : path_(std::move(path)),
        chain_(root_key),
        signer_(AuditSigner(root_key)),
        cursor_key_(DeriveSecret(root_key, "audit-cursor")),
        busy_(busy) {}

  absl::StatusOr<std::vector<StoredAudit>> Read(const TenantScope& scope, const AuditQuery& query) override {
    absl::StatusOr<std::unique_ptr<Database>> db = Open();
    if (!db.ok()) return db.status();
    absl::StatusOr<Found> found = Run(**db, chain_, {.above = query.after_seq, .up = !query.newest},
                                      AuditMatch(scope, query), query.limit);
    if (!found.ok()) return found.status();
    if (query.newest) std::reverse(found->records.begin(), found->records.end());
    return std::move(found->records);
  }

  absl::StatusOr<AuditPage> Page(const TenantScope& scope, const AuditQuery& query,
                                 std::string_view given) override {
    if (query.limit == 0 || query.limit > kMaxAuditPage)
      return absl::InvalidArgumentError(fmt::format("a page has 1 to {} records", kMaxAuditPage));
    const AuditMatch match(scope, query);
    const std::string identity = fmt::format("{} {} {}", query.newest, query.after_seq, match.Identity());
    AuditPlace place = query.newest ? AuditPlace{.up = false, .seq = kEnd} : AuditPlace{.up = true};
    if (!given.empty()) {
      absl::StatusOr<AuditPlace> opened = OpenPlace(cursor_key_, identity, given);
      if (!opened.ok()) return opened.status();
      place = *opened;
    }
    absl::StatusOr<std::unique_ptr<Database>> db = Open();
    if (!db.ok()) return db.status();
    const Span span{.above = place.up ? std::max(query.after_seq, place.seq) : query.after_seq,
                    .below = place.up ? kEnd : place.seq,
                    .up = place.up,
                    .max_rows = kRowsOfPage};
    absl::StatusOr<Found> found = Run(**db, chain_, span, match, query.limit);
    if (!found.ok()) return found.status();
    const auto cursor = [&](const AuditPlace& at) { return SealPlace(cursor_key_, identity, at); };
    AuditPage page{.next = found->complete ? "" : cursor({.up = place.up, .seq = found->last_row}),
                   .previous = cursor(Back(place, *found, query.after_seq))};
    if (query.newest == place.up) {  // reached against the order of the listing
      std::reverse(found->records.begin(), found->records.end());
      std::swap(page.next, page.previous);
    } else if (place.up && place.seq <= query.after_seq) {
      page.previous.clear();
    }
    page.records = std::move(found->records);
    return page;
  }

  AuditVerdict Verify(const std::vector<std::string>& notes) override {
    WalkOptions options;
    for (const std::string& note : notes) {
      absl::StatusOr<mcpgate::Checkpoint> checkpoint = OpenCheckpoint(signer_.verifier(), note);
      if (!checkpoint.ok()) return Unreadable(0, checkpoint.status());
      options.checkpoints.push_back(*std::move(checkpoint));
    }
    return Walk(options).verdict;
  }

  absl::StatusOr<std::string> Checkpoint() override {
    const WalkResult walk = Walk({.grow_tree = true});
    if (absl::Status status = StatusOf(walk.verdict); !status.ok()) return status;
    return SealCheckpoint(signer_, walk.tree);
  }

  std::string VerifierKey() const override { return signer_.verifier().ToText(); }

  absl::Status Export(const TenantScope& scope, const AuditQuery& query, const LineSink& write) override {
    ExportWriter writer(signer_, write);
    const AuditMatch match(scope, query);
    absl::Status status = writer.Begin();
    if (!status.ok()) return status;
    const WalkResult walk =
        Walk({.grow_tree = true,
              .on_removed = [&](const MerkleRange& removed) { return writer.Skip(removed); },
              .on_record =
                  [&](std::uint64_t seq, std::string_view body) {
                    const bool wanted = seq > query.after_seq && match.Fits(body);
                    return wanted ? writer.Record(seq, body) : writer.Skip(seq, body);
                  }});
    status = StatusOf(walk.verdict);
    return status.ok() ? writer.End(walk.tree) : status;
  }

 private:
  absl::StatusOr<std::unique_ptr<Database>> Open() const {
    return Database::Open(path_, Database::Mode::kRead, busy_);
  }

  WalkResult Walk(const WalkOptions& options) const {
    absl::StatusOr<std::unique_ptr<Database>> db = Open();
    if (!db.ok()) return {.verdict = Unreadable(0, db.status())};
    return WalkTrail(**db, chain_, signer_.verifier(), options);
  }

  static absl::Status StatusOf(const AuditVerdict& verdict) {
    if (verdict.state == AuditVerdict::State::kIntact) return absl::OkStatus();
    const absl::StatusCode code = verdict.state == AuditVerdict::State::kUnreadable
                                      ? absl::StatusCode::kUnavailable
                                      : absl::StatusCode::kDataLoss;
    return absl::Status(code, fmt::format("the trail does not hold from record {} on: {}", verdict.first_bad,
                                          verdict.detail));
  }

  const std::string path_;
  const AuditChain chain_;
  const NoteSigner signer_;
  const Secret cursor_key_;
  const Nanos busy_;
};

}  // namespace

std::unique_ptr<AuditTrail> NewAuditTrail(std::string path, const Secret& root_key, Nanos busy) {
  return std::make_unique<ChainedTrail>(std::move(path), root_key, busy);
}

}  // namespace mcpgate::sqlite
