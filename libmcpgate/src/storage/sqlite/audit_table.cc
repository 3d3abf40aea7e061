#include "storage/sqlite/audit_table.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "storage/sqlite/schema.h"

namespace mcpgate::sqlite {
namespace {

// A chain begins with its head: a file without one has lost it.
DatabaseSchema Schema(const AuditChain& chain) {
  const ChainHead none;
  return {{"CREATE TABLE audit(seq INTEGER PRIMARY KEY, body TEXT NOT NULL, hash BLOB NOT NULL) STRICT",
           "CREATE TABLE head(id INTEGER PRIMARY KEY CHECK(id=1), seq INTEGER NOT NULL, hash BLOB NOT NULL,"
           " mac BLOB NOT NULL) STRICT",
           fmt::format("INSERT INTO head(id, seq, hash, mac) VALUES(1, 0, x'{}', x'{}')",
                       HexEncode(none.hash), HexEncode(chain.MacOf(none)))}};
}

// Younger than the first trails, which get them when they are next opened.
absl::Status AddTables(Database& db) {
  absl::Status status =
      db.Execute("CREATE TABLE IF NOT EXISTS segment(last INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT");
  status.Update(
      db.Execute("CREATE TABLE IF NOT EXISTS base(id INTEGER PRIMARY KEY CHECK(id=1), seq INTEGER NOT NULL,"
                 " hash BLOB NOT NULL, mac BLOB NOT NULL) STRICT"));
  return status;
}

}  // namespace

absl::Status AuditTable::Attach(Database& db) {
  const absl::StatusOr<bool> is_new = EnsureSchema(db, Schema(chain_));
  if (!is_new.ok()) return is_new.status();
  absl::Status status = AddTables(db);
  status.Update(PrepareInto(db, insert_, "INSERT INTO audit(seq, body, hash) VALUES(?1, ?2, ?3)"));
  status.Update(PrepareInto(db, select_head_, kSelectHead));
  status.Update(PrepareInto(db, insert_segment_, "INSERT OR IGNORE INTO segment(last, note) VALUES(?1, ?2)"));
  status.Update(PrepareInto(db, select_base_, kSelectBase));
  status.Update(PrepareInto(db, update_base_, "REPLACE INTO base(id, seq, hash, mac) VALUES(1, ?1, ?2, ?3)"));
  status.Update(PrepareInto(
      db, sweep_,
      "DELETE FROM audit WHERE seq IN (SELECT seq FROM audit WHERE seq<=?1 ORDER BY seq LIMIT ?2)"));
  db_ = &db;
  status.Update(PrepareInto(db, update_head_, "REPLACE INTO head(id, seq, hash, mac) VALUES(1, ?1, ?2, ?3)"));
  if (!status.ok()) return status;
  status = db.Execute("BEGIN IMMEDIATE");
  if (status.ok()) status = MendIfNeeded(db, *is_new);
  if (status.ok()) status = db.Execute("COMMIT");
  if (db.InTransaction()) (void)db.Execute("ROLLBACK");
  if (!status.ok()) repaired_.clear();
  return status;
}

absl::Status AuditTable::BeginGroup() {
  absl::StatusOr<ChainHead> head = ReadHead(select_head_, chain_);
  if (!head.ok()) return head.status();
  head_ = *head;
  return absl::OkStatus();
}

absl::Status AuditTable::Append(const AuditRecord& record) {
  body_.clear();
  AppendAuditJson(body_, record);
  const Digest hash = chain_.HashAfter(head_, body_);
  insert_.Bind(1, static_cast<std::int64_t>(head_.seq + 1)).BindText(2, body_).BindBlob(3, AsView(hash));
  if (absl::Status status = insert_.Run(); !status.ok()) return status;
  head_ = {.seq = head_.seq + 1, .hash = hash};
  return absl::OkStatus();
}

absl::Status AuditTable::CloseSegment(std::uint64_t last, std::string_view header) {
  insert_segment_.Bind(1, static_cast<std::int64_t>(last)).BindText(2, header);
  return insert_segment_.Run();
}

absl::Status AuditTable::Retire(const ChainHead& end) {
  const absl::StatusOr<ChainHead> base = ReadBase(select_base_, chain_);
  if (!base.ok()) return base.status();
  if (base->seq >= end.seq) return absl::AlreadyExistsError("the trail begins there or later");
  const Digest mac = chain_.MacOfBase(end);
  update_base_.Bind(1, static_cast<std::int64_t>(end.seq));
  update_base_.BindBlob(2, AsView(end.hash)).BindBlob(3, AsView(mac));
  if (absl::Status status = update_base_.Run(); !status.ok()) return status;
  return AppendSystem(
      "audit.retention", "records older than the retention time were removed",
      {{"from_seq", fmt::format("{}", base->seq + 1)}, {"to_seq", fmt::format("{}", end.seq)}});
}

absl::Status AuditTable::Sweep(std::int64_t rows) {
  const absl::StatusOr<ChainHead> base = ReadBase(select_base_, chain_);
  if (!base.ok()) return base.status();
  sweep_.Bind(1, static_cast<std::int64_t>(base->seq)).Bind(2, rows);
  if (absl::Status status = sweep_.Run(); !status.ok()) return status;
  return db_->Changes() > 0 ? absl::OkStatus() : absl::NotFoundError("nothing is left to sweep");
}

absl::Status AuditTable::EndGroup() {
  told_lost_ = lost_.exchange(0);
  if (told_lost_ > 0) {
    absl::Status status = AppendSystem("audit.gap", "the queue was full and these records were refused",
                                       {{"lost", fmt::format("{}", told_lost_)}});
    if (!status.ok()) return status;
  }
  return WriteHead();
}

void AuditTable::GroupEnded(bool committed) {
  if (!committed) lost_.fetch_add(told_lost_);
  told_lost_ = 0;
}

absl::Status AuditTable::AppendSystem(std::string_view action, std::string_view reason,
                                      std::vector<std::pair<std::string, std::string>> fields) {
  AuditRecord record{.time = clock_.Now(), .klass = AuditClass::kSystem};
  record.action = action;
  record.source = "store";
  record.reason = reason;
  record.fields = std::move(fields);
  return Append(record);
}

absl::Status AuditTable::WriteHead() {
  const Digest mac = chain_.MacOf(head_);
  update_head_.Bind(1, static_cast<std::int64_t>(head_.seq));
  update_head_.BindBlob(2, AsView(head_.hash)).BindBlob(3, AsView(mac));
  return update_head_.Run();
}

// Rows and head change in one transaction, so rows beyond the head exist only when the disk lost part of what
// it had promised to hold. What the chain proves to be ours is taken back, the rest is removed, and the trail
// says so. A head that is not authentic repairs nothing: then the root key may be the wrong one.
absl::Status AuditTable::MendIfNeeded(Database& db, bool is_new) {
  absl::StatusOr<ChainHead> head = ReadHead(select_head_, chain_);
  if (absl::IsDataLoss(head.status())) return absl::OkStatus();
  if (!head.ok()) return head.status();
  head_ = *head;
  if (is_new && expected_) return BeginAnew();
  const absl::StatusOr<std::int64_t> last = db.Number("SELECT coalesce(max(seq), 0) FROM audit");
  if (!last.ok()) return last.status();
  return *last > static_cast<std::int64_t>(head_.seq) ? MendTail(db) : absl::OkStatus();
}

absl::Status AuditTable::BeginAnew() {
  repaired_ = "audit.db: missing or empty, though there was a trail; a new one begins";
  absl::Status status = AppendSystem("audit.repair", repaired_, {});
  return status.ok() ? WriteHead() : status;
}

absl::Status AuditTable::MendTail(Database& db) {
  absl::StatusOr<TornTail> tail = AdoptTail(db);
  if (!tail.ok()) return tail.status();
  repaired_ = fmt::format("audit.db: a torn tail of {} records from seq {}: {} taken back, {} removed",
                          tail->kept + tail->removed, tail->from, tail->kept, tail->removed);
  absl::Status status = AppendSystem("audit.repair", repaired_,
                                     {{"from_seq", fmt::format("{}", tail->from)},
                                      {"removed", fmt::format("{}", tail->removed)},
                                      {"taken_back", fmt::format("{}", tail->kept)}});
  if (status.ok()) status = WriteHead();
  return status;
}

absl::StatusOr<AuditTable::TornTail> AuditTable::AdoptTail(Database& db) {
  Statement rows, remove;
  absl::Status status = PrepareInto(db, rows, "SELECT seq, body, hash FROM audit WHERE seq>?1 ORDER BY seq");
  status.Update(PrepareInto(db, remove, "DELETE FROM audit WHERE seq>?1"));
  if (!status.ok()) return status;
  TornTail tail{.from = head_.seq + 1};
  rows.Bind(1, static_cast<std::int64_t>(head_.seq));
  absl::StatusOr<bool> row = rows.Step();
  for (; row.ok() && *row; row = rows.Step()) {
    const std::string_view body = rows.Text(1).value_or("");
    const Digest hash = chain_.HashAfter(head_, body);
    const bool ours =
        rows.Integer(0) == static_cast<std::int64_t>(head_.seq + 1) && rows.Blob(2) == AsView(hash);
    if (!ours) break;
    head_ = {.seq = head_.seq + 1, .hash = hash};
    ++tail.kept;
  }
  rows.Reset();
  if (!row.ok()) return row.status();
  remove.Bind(1, static_cast<std::int64_t>(head_.seq));
  status = remove.Run();
  if (!status.ok()) return status;
  tail.removed = static_cast<std::uint64_t>(db.Changes());
  return tail;
}

}  // namespace mcpgate::sqlite
