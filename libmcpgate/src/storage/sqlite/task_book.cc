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
  status.Update(PrepareInto(db, sweep_, "DELETE FROM tasks WHERE forget_at<=?1"));
  // Of the index alone: no result is read to be measured.
  status.Update(PrepareInto(db, measure_,
                            "SELECT count(*), coalesce(sum(size),0), coalesce(sum(owner=?1),0),"
                            " coalesce(sum(size*(owner=?1)),0) FROM tasks"));
  status.Update(PrepareInto(db, insert_,
                            "INSERT INTO tasks(id,owner,process,is_over,forget_at,size,told)"
                            " VALUES(?1,?2,?3,0,?4,?5,?6) ON CONFLICT DO NOTHING"));
  status.Update(PrepareInto(db, find_, "SELECT owner,size FROM tasks WHERE id=?1 AND is_over=0"));
  status.Update(PrepareInto(db, finish_, "UPDATE tasks SET told=?2, size=?3, is_over=1 WHERE id=?1"));
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

absl::Status TaskTable::Finish(std::string_view id, std::string_view told) {
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
  return finish_.BindText(1, id).BindBlob(2, told).Bind(3, static_cast<std::int64_t>(told.size())).Run();
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
  return PrepareInto(*db_, find_,
                     "SELECT process,is_over,forget_at,told FROM tasks"
                     " WHERE id=?1 AND owner=?2 AND forget_at>?3");
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

}  // namespace mcpgate::sqlite
