#include "storage/sqlite/notice_book.h"

#include <utility>

#include "mcpgate/json.h"
#include "storage/sqlite/schema.h"

namespace mcpgate::sqlite {
namespace {

std::int64_t NumberOf(WallTime time) { return time.time_since_epoch().count(); }

std::string FieldsText(const Notice& notice) {
  Json fields = Json::array();
  for (const auto& [name, value] : notice.fields) fields.push_back({name, value});
  return DumpJson(fields);
}

void ReadFields(std::string_view text, Notice& notice) {
  const absl::StatusOr<Json> fields = ParseJson(text);
  if (!fields.ok() || !fields->is_array()) return;
  for (const Json& field : *fields) {
    if (field.is_array() && field.size() == 2 && field[0].is_string() && field[1].is_string())
      notice.fields.emplace_back(field[0].get<std::string>(), field[1].get<std::string>());
  }
}

std::string TextAt(const Statement& row, int column) { return std::string(row.Text(column).value_or("")); }
WallTime TimeAt(const Statement& row, int column) { return WallTime(Nanos(row.Integer(column).value_or(0))); }

// A row of number, id, kind, once, tenant, summary, fields, made, attempts.
NoticeParcel ParcelAt(const Statement& row) {
  NoticeParcel parcel{.id = TextAt(row, 1),
                      .notice = {.kind = TextAt(row, 2),
                                 .once = TextAt(row, 3),
                                 .tenant = TextAt(row, 4),
                                 .summary = TextAt(row, 5)},
                      .made = TimeAt(row, 7),
                      .attempt = static_cast<int>(row.Integer(8).value_or(0))};
  ReadFields(row.Text(6).value_or(""), parcel.notice);
  return parcel;
}

}  // namespace

absl::Status NoticeTable::Attach(Database& db) {
  db_ = &db;
  const DatabaseSchema schema = {
      {"CREATE TABLE notices(number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,"
       " kind TEXT NOT NULL, once TEXT, tenant TEXT NOT NULL, summary TEXT NOT NULL, fields TEXT NOT NULL,"
       " made INTEGER NOT NULL, UNIQUE(kind, once)) STRICT",
       "CREATE INDEX notices_by_age ON notices(made)",
       "CREATE TABLE parcels(place TEXT NOT NULL, number INTEGER NOT NULL, due INTEGER NOT NULL,"
       " attempts INTEGER NOT NULL, PRIMARY KEY(place, number)) STRICT, WITHOUT ROWID",
       "CREATE INDEX parcels_by_due ON parcels(place, due)",
       "CREATE TABLE places(place TEXT PRIMARY KEY, seen INTEGER NOT NULL) STRICT, WITHOUT ROWID"}};
  absl::Status status = EnsureSchema(db, schema).status();
  status.Update(PrepareInto(db, told_, "SELECT 1 FROM notices WHERE kind=?1 AND once=?2"));
  status.Update(PrepareInto(db, count_, "SELECT count(*) FROM notices"));
  status.Update(PrepareInto(db, post_,
                            "INSERT INTO notices(id, kind, once, tenant, summary, fields, made)"
                            " VALUES(?1, ?2, nullif(?3, ''), ?4, ?5, ?6, ?7)"));
  status.Update(
      PrepareInto(db, forget_parcels_,
                  "DELETE FROM parcels WHERE number IN (SELECT number FROM notices WHERE made<=?1)"));
  status.Update(PrepareInto(db, forget_, "DELETE FROM notices WHERE made<=?1"));
  status.Update(PrepareInto(db, begin_place_,
                            "INSERT OR IGNORE INTO places(place, seen) VALUES(?1,"
                            " (SELECT coalesce(max(number), 0) FROM notices WHERE made<=?2))"));
  status.Update(PrepareInto(db, sort_out_,
                            "INSERT INTO parcels(place, number, due, attempts)"
                            " SELECT ?1, number, made, 0 FROM notices"
                            " WHERE number > (SELECT seen FROM places WHERE place=?1)"));
  status.Update(PrepareInto(db, note_seen_,
                            "UPDATE places SET seen=(SELECT max(number) FROM notices) WHERE place=?1"
                            " AND seen < (SELECT max(number) FROM notices)"));
  status.Update(PrepareInto(db, due_,
                            "SELECT n.number, n.id, n.kind, n.once, n.tenant, n.summary, n.fields, n.made,"
                            " p.attempts FROM parcels p JOIN notices n ON n.number=p.number"
                            " WHERE p.place=?1 AND p.due<=?2 ORDER BY p.due, p.number LIMIT ?3"));
  status.Update(PrepareInto(db, lease_,
                            "UPDATE parcels SET due=?3, attempts=attempts+1 WHERE place=?1"
                            " AND number=(SELECT number FROM notices WHERE id=?2)"));
  status.Update(PrepareInto(db, finish_,
                            "DELETE FROM parcels WHERE place=?1"
                            " AND number=(SELECT number FROM notices WHERE id=?2)"));
  status.Update(PrepareInto(db, defer_,
                            "UPDATE parcels SET due=?3 WHERE place=?1"
                            " AND number=(SELECT number FROM notices WHERE id=?2)"));
  status.Update(PrepareInto(db, waiting_count_,
                            "SELECT (SELECT count(*) FROM parcels WHERE place=?1) + (SELECT count(*) FROM"
                            " notices WHERE number > (SELECT seen FROM places WHERE place=?1))"));
  status.Update(PrepareInto(db, waiting_,
                            "SELECT n.number, n.id, n.kind, n.once, n.tenant, n.summary, n.fields, n.made,"
                            " w.attempts, w.place, w.due FROM (SELECT place, number, due, attempts FROM"
                            " parcels UNION ALL SELECT p.place, n.number, n.made, 0 FROM places p JOIN"
                            " notices n ON n.number > p.seen) w JOIN notices n ON n.number=w.number"
                            " ORDER BY w.number, w.place LIMIT ?1"));
  status.Update(PrepareInto(db, forget_waiting_, "DELETE FROM parcels WHERE place=?1"));
  status.Update(PrepareInto(db, forget_place_, "DELETE FROM places WHERE place=?1"));
  return status;
}

absl::Status NoticeTable::OneRow(Statement& change) {
  if (absl::Status status = change.Run(); !status.ok()) return status;
  return db_->Changes() > 0 ? absl::OkStatus() : absl::NotFoundError("no such notice waits");
}

absl::Status NoticeTable::Forget() {
  const std::int64_t before = NumberOf(clock_.Now() - kNoticeMemory);
  absl::Status status = forget_parcels_.Bind(1, before).Run();
  status.Update(forget_.Bind(1, before).Run());
  return status;
}

absl::StatusOr<bool> NoticeTable::WasTold(const Notice& notice) {
  if (notice.once.empty()) return false;
  ResetAtEnd reset(told_);
  return told_.BindText(1, notice.kind).BindText(2, notice.once).Step();
}

absl::Status NoticeTable::Post(const Notice& notice, std::string_view id) {
  if (absl::Status status = Forget(); !status.ok()) return status;
  const absl::StatusOr<bool> told = WasTold(notice);
  if (!told.ok() || *told) return told.status();
  {
    ResetAtEnd reset(count_);
    if (const absl::StatusOr<bool> row = count_.Step(); !row.ok()) return row.status();
    // A refusal of this kind undoes nothing of its group.
    if (count_.Integer(0).value_or(0) >= static_cast<std::int64_t>(kMaxNotices))
      return absl::AbortedError("the outbox of notices is full");
  }
  const std::string fields = FieldsText(notice);
  post_.BindText(1, id).BindText(2, notice.kind).BindText(3, notice.once).BindText(4, notice.tenant);
  return post_.BindText(5, notice.summary).BindText(6, fields).Bind(7, NumberOf(clock_.Now())).Run();
}

// Gives the place a parcel of each notice that came since it last asked.
absl::Status NoticeTable::SortOut(std::string_view place) {
  absl::Status status = begin_place_.BindText(1, place).Bind(2, NumberOf(clock_.Now() - kNoticeNews)).Run();
  status.Update(sort_out_.BindText(1, place).Run());
  status.Update(note_seen_.BindText(1, place).Run());
  return status;
}

absl::Status NoticeTable::ReadDue(std::string_view place, std::size_t most,
                                  std::vector<NoticeParcel>& parcels) {
  ResetAtEnd reset(due_);
  due_.BindText(1, place).Bind(2, NumberOf(clock_.Now())).Bind(3, static_cast<std::int64_t>(most));
  for (;;) {
    const absl::StatusOr<bool> row = due_.Step();
    if (!row.ok()) return row.status();
    if (!*row) return absl::OkStatus();
    NoticeParcel& parcel = parcels.emplace_back(ParcelAt(due_));
    ++parcel.attempt;  // the one that begins now
  }
}

absl::StatusOr<std::size_t> NoticeTable::Count(std::string_view place) {
  ResetAtEnd reset(waiting_count_);
  const absl::StatusOr<bool> row = waiting_count_.BindText(1, place).Step();
  if (!row.ok()) return row.status();
  return static_cast<std::size_t>(waiting_count_.Integer(0).value_or(0));
}

absl::Status NoticeTable::Waiting(std::size_t most, std::vector<NoticeWaiting>& waiting) {
  waiting.clear();
  ResetAtEnd reset(waiting_);
  waiting_.Bind(1, static_cast<std::int64_t>(most));
  for (;;) {
    const absl::StatusOr<bool> row = waiting_.Step();
    if (!row.ok()) return row.status();
    if (!*row) return absl::OkStatus();
    waiting.push_back({TextAt(waiting_, 9), ParcelAt(waiting_), TimeAt(waiting_, 10)});
  }
}

absl::Status NoticeTable::Claim(std::string_view place, std::size_t most, Nanos lease,
                                std::vector<NoticeParcel>& parcels) {
  parcels.clear();
  if (absl::Status status = SortOut(place); !status.ok()) return status;
  if (absl::Status status = ReadDue(place, most, parcels); !status.ok()) return status;
  const std::int64_t until = NumberOf(clock_.Now() + lease);
  for (const NoticeParcel& parcel : parcels) {
    absl::Status status = lease_.BindText(1, place).BindText(2, parcel.id).Bind(3, until).Run();
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status NoticeTable::ForgetPlace(std::string_view place) {
  if (absl::Status status = forget_waiting_.BindText(1, place).Run(); !status.ok()) return status;
  if (absl::Status status = forget_place_.BindText(1, place).Run(); !status.ok()) return status;
  return db_->Changes() > 0 ? absl::OkStatus() : absl::NotFoundError("no such place has asked for notices");
}

absl::Status NoticeTable::Finish(std::string_view place, std::string_view id) {
  return OneRow(finish_.BindText(1, place).BindText(2, id));
}

absl::Status NoticeTable::Defer(std::string_view place, std::string_view id, Nanos wait) {
  return OneRow(defer_.BindText(1, place).BindText(2, id).Bind(3, NumberOf(clock_.Now() + wait)));
}

}  // namespace mcpgate::sqlite
