#include "storage/sqlite/audit_trail.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "storage/sqlite/audit_chain.h"
#include "storage/sqlite/audit_cursor.h"
#include "storage/sqlite/audit_match.h"
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

absl::StatusOr<Found> Run(Database& db, const Span& span, const AuditMatch& match, std::size_t limit) {
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
        cursor_key_(DeriveSecret(root_key, "audit-cursor")),
        busy_(busy) {}

  absl::StatusOr<std::vector<StoredAudit>> Read(const AuditScope& scope, const AuditQuery& query) override {
    absl::StatusOr<std::unique_ptr<Database>> db = Open();
    if (!db.ok()) return db.status();
    absl::StatusOr<Found> found =
        Run(**db, {.above = query.after_seq, .up = !query.newest}, AuditMatch(scope, query), query.limit);
    if (!found.ok()) return found.status();
    if (query.newest) std::reverse(found->records.begin(), found->records.end());
    return std::move(found->records);
  }

  absl::StatusOr<AuditPage> Page(const AuditScope& scope, const AuditQuery& query,
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
    absl::StatusOr<Found> found = Run(**db, span, match, query.limit);
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

  AuditVerdict Verify() override {
    absl::StatusOr<std::unique_ptr<Database>> db = Open();
    if (!db.ok()) return Unreadable(0, db.status());
    return WalkChain(**db, chain_);
  }

 private:
  absl::StatusOr<std::unique_ptr<Database>> Open() const {
    return Database::Open(path_, Database::Mode::kRead, busy_);
  }

  const std::string path_;
  const AuditChain chain_;
  const Secret cursor_key_;
  const Nanos busy_;
};

}  // namespace

std::unique_ptr<AuditTrail> NewAuditTrail(std::string path, const Secret& root_key, Nanos busy) {
  return std::make_unique<ChainedTrail>(std::move(path), root_key, busy);
}

}  // namespace mcpgate::sqlite
