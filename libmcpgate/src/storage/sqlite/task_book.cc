#include "storage/sqlite/task_book.h"

#include <utility>

#include "storage/sqlite/schema.h"

namespace mcpgate::sqlite {
namespace {

std::int64_t NumberOf(WallTime time) { return time.time_since_epoch().count(); }

absl::Status LimitReached() {
  return absl::AbortedError("too many tasks are kept, or too many bytes of them");
}

}  // namespace

absl::Status TaskTable::Attach(Database& db) {
  const DatabaseSchema schema = {
      {"CREATE TABLE tasks(id TEXT NOT NULL PRIMARY KEY, owner TEXT NOT NULL, process TEXT NOT NULL,"
       " is_over INTEGER NOT NULL, forget_at INTEGER NOT NULL, size INTEGER NOT NULL, told BLOB NOT NULL) "
       "STRICT",
       "CREATE INDEX tasks_by_owner ON tasks(owner, size)"}};
  db_ = &db;
  absl::Status status = EnsureSchema(db, schema).status();
  // By itself: a file of before has none.
  status.Update(
      db.Execute("CREATE TABLE IF NOT EXISTS wishes(seq INTEGER PRIMARY KEY, task TEXT NOT NULL,"
                 " owner TEXT NOT NULL, text BLOB NOT NULL) STRICT"));
  status.Update(PrepareInto(db, sweep_, "DELETE FROM tasks WHERE forget_at<=?1"));
  status.Update(PrepareInto(
      db, sweep_some_, "DELETE FROM tasks WHERE id IN (SELECT id FROM tasks WHERE forget_at<=?1 LIMIT ?2)"));
  status.Update(PrepareInto(db, sweep_wishes_,
                            "DELETE FROM wishes WHERE task NOT IN (SELECT id FROM tasks WHERE is_over=0)"));
  // Of the index alone: no result is read to be measured.
  status.Update(PrepareInto(db, measure_,
                            "SELECT count(*), coalesce(sum(size),0), coalesce(sum(owner=?1),0),"
                            " coalesce(sum(size*(owner=?1)),0) FROM tasks"));
  status.Update(PrepareInto(db, insert_,
                            "INSERT INTO tasks(id,owner,process,is_over,forget_at,size,told)"
                            " VALUES(?1,?2,?3,0,?4,?5,?6) ON CONFLICT DO NOTHING"));
  status.Update(PrepareInto(db, find_, "SELECT owner,size FROM tasks WHERE id=?1 AND is_over=0"));
  status.Update(PrepareInto(db, tell_, "UPDATE tasks SET told=?2, size=?3, is_over=?4 WHERE id=?1"));
  status.Update(PrepareInto(db, count_wishes_, "SELECT count(*) FROM wishes WHERE owner=?1"));
  status.Update(PrepareInto(db, leave_, "INSERT INTO wishes(task,owner,text) VALUES(?1,?2,?3)"));
  status.Update(PrepareInto(db, take_, "SELECT text FROM wishes WHERE task=?1 ORDER BY seq"));
  status.Update(PrepareInto(db, drop_, "DELETE FROM wishes WHERE task=?1"));
  return status;
}

absl::StatusOr<TaskTable::Use> TaskTable::Measure(std::string_view owner) {
  ResetAtEnd reset(measure_);
  measure_.BindText(1, owner);
  const absl::StatusOr<bool> row = measure_.Step();
  if (!row.ok()) return row.status();
  const auto number = [this](int column) { return measure_.Integer(column).value_or(0); };
  return Use{number(0), number(1), number(2), number(3)};
}

absl::Status TaskTable::Insert(const StoredTask& task, std::string_view process) {
  if (absl::Status status = sweep_.Bind(1, NumberOf(clock_.Now())).Run(); !status.ok()) return status;
  const absl::StatusOr<Use> use = Measure(task.owner);
  if (!use.ok()) return use.status();
  const auto size = static_cast<std::int64_t>(task.told.size());
  if (use->tasks >= static_cast<std::int64_t>(limits_.tasks) ||
      use->owned_tasks >= static_cast<std::int64_t>(limits_.tasks_of_owner) ||
      use->bytes + size > static_cast<std::int64_t>(limits_.bytes) ||
      use->owned_bytes + size > static_cast<std::int64_t>(limits_.bytes_of_owner)) {
    return LimitReached();
  }
  absl::Status status = insert_.BindText(1, task.id)
                            .BindText(2, task.owner)
                            .BindText(3, process)
                            .Bind(4, NumberOf(task.forget_at))
                            .Bind(5, size)
                            .BindBlob(6, task.told)
                            .Run();
  if (status.ok() && db_->Changes() == 0) return absl::AlreadyExistsError("a task of this id is there");
  return status;
}

absl::Status TaskTable::Tell(std::string_view id, std::string_view told, bool is_over) {
  std::string owner;
  std::int64_t growth = static_cast<std::int64_t>(told.size());
  {
    ResetAtEnd reset(find_);
    find_.BindText(1, id);
    const absl::StatusOr<bool> row = find_.Step();
    if (!row.ok()) return row.status();
    if (!*row) return absl::NotFoundError("no such task runs");
    owner = find_.Text(0).value_or("");
    growth -= find_.Integer(1).value_or(0);
  }
  const absl::StatusOr<Use> use = Measure(owner);
  if (!use.ok()) return use.status();
  if (use->bytes + growth > static_cast<std::int64_t>(limits_.bytes) ||
      use->owned_bytes + growth > static_cast<std::int64_t>(limits_.bytes_of_owner)) {
    return LimitReached();
  }
  absl::Status status = tell_.BindText(1, id)
                            .BindBlob(2, told)
                            .Bind(3, static_cast<std::int64_t>(told.size()))
                            .Bind(4, is_over ? 1 : 0)
                            .Run();
  if (status.ok() && is_over) status = drop_.BindText(1, id).Run();
  return status;
}

absl::Status TaskTable::Leave(const TaskWish& wish, std::string_view owner) {
  if (absl::Status status = sweep_wishes_.Run(); !status.ok()) return status;
  {
    ResetAtEnd reset(find_);
    find_.BindText(1, wish.id);
    const absl::StatusOr<bool> row = find_.Step();
    if (!row.ok()) return row.status();
    if (!*row || find_.Text(0).value_or("") != owner) return absl::NotFoundError("no such task runs");
  }
  {
    ResetAtEnd reset(count_wishes_);
    count_wishes_.BindText(1, owner);
    const absl::StatusOr<bool> row = count_wishes_.Step();
    if (!row.ok()) return row.status();
    const auto waiting = static_cast<std::size_t>(count_wishes_.Integer(0).value_or(0));
    if (wish.text.size() > limits_.wish_bytes || waiting >= limits_.wishes_of_owner) {
      return absl::AbortedError("too much waits for tasks that run");
    }
  }
  return leave_.BindText(1, wish.id).BindText(2, owner).BindBlob(3, wish.text).Run();
}

absl::Status TaskTable::Take(const std::string& id, std::vector<TaskWish>& taken) {
  {
    ResetAtEnd reset(take_);
    take_.BindText(1, id);
    absl::StatusOr<bool> row = take_.Step();
    for (; row.ok() && *row; row = take_.Step()) {
      taken.push_back({.id = id, .text = std::string(take_.Blob(0).value_or(""))});
    }
    if (!row.ok()) return row.status();
  }
  return drop_.BindText(1, id).Run();
}

absl::StatusOr<std::size_t> TaskTable::Sweep(std::size_t most) {
  sweep_some_.Bind(1, NumberOf(clock_.Now())).Bind(2, static_cast<std::int64_t>(most));
  if (absl::Status status = sweep_some_.Run(); !status.ok()) return status;
  const auto removed = static_cast<std::size_t>(db_->Changes());
  if (absl::Status status = sweep_wishes_.Run(); !status.ok()) return status;
  return removed;
}

absl::StatusOr<std::unique_ptr<TaskReader>> TaskReader::Open(const std::string& path, Nanos busy) {
  absl::StatusOr<std::unique_ptr<Database>> db = Database::Open(path, Database::Mode::kRead, busy);
  if (!db.ok()) return db.status();
  std::unique_ptr<TaskReader> reader(new TaskReader(*std::move(db)));
  if (absl::Status status = reader->Prepare(); !status.ok()) return status;
  return reader;
}

absl::Status TaskReader::Prepare() {
  MutexLock lock(mutex_);
  absl::Status status = PrepareInto(*db_, find_,
                                    "SELECT process,is_over,forget_at,told FROM tasks"
                                    " WHERE id=?1 AND owner=?2 AND forget_at>?3");
  status.Update(PrepareInto(*db_, has_wishes_, "SELECT EXISTS(SELECT 1 FROM wishes WHERE task=?1)"));
  status.Update(PrepareInto(*db_, count_over_,
                            "SELECT count(*) FROM (SELECT 1 FROM tasks WHERE forget_at<=?1 LIMIT ?2)"));
  return status;
}

absl::StatusOr<std::optional<TaskReader::Row>> TaskReader::Find(std::string_view id, std::string_view owner,
                                                                WallTime now) {
  MutexLock lock(mutex_);
  ResetAtEnd reset(find_);
  find_.BindText(1, id).BindText(2, owner).Bind(3, NumberOf(now));
  const absl::StatusOr<bool> there = find_.Step();
  if (!there.ok()) return there.status();
  if (!*there) return std::nullopt;
  Row row{.task = {.id = std::string(id),
                   .owner = std::string(owner),
                   .told = std::string(find_.Blob(3).value_or("")),
                   .forget_at = WallTime(Nanos(find_.Integer(2).value_or(0))),
                   .is_over = find_.Integer(1).value_or(0) != 0},
          .process = std::string(find_.Text(0).value_or(""))};
  return row;
}

absl::StatusOr<std::size_t> TaskReader::CountOver(WallTime now, std::size_t most) {
  MutexLock lock(mutex_);
  ResetAtEnd reset(count_over_);
  const absl::StatusOr<bool> row =
      count_over_.Bind(1, NumberOf(now)).Bind(2, static_cast<std::int64_t>(most)).Step();
  if (!row.ok()) return row.status();
  return static_cast<std::size_t>(count_over_.Integer(0).value_or(0));
}

absl::StatusOr<bool> TaskReader::HasWishes(std::span<const std::string> ids) {
  MutexLock lock(mutex_);
  for (const std::string& id : ids) {
    ResetAtEnd reset(has_wishes_);
    has_wishes_.BindText(1, id);
    const absl::StatusOr<bool> row = has_wishes_.Step();
    if (!row.ok()) return row.status();
    if (has_wishes_.Integer(0).value_or(0) != 0) return true;
  }
  return false;
}

}  // namespace mcpgate::sqlite
