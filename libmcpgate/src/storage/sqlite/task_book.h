// File: storage/sqlite/task_book.h
//
// Everything about tasks.db: its table, its writer, and a connection to read.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "mcpgate/sqlite.h"
#include "mcpgate/task_store.h"
#include "storage/sqlite/group_writer.h"
#include "storage/sqlite/process_mark.h"

namespace mcpgate::sqlite {

/// TaskTable
///
/// Not thread-safe; the writer's.
class TaskTable : public Tables {
 public:
  TaskTable(const TaskStoreLimits& limits, const Clock& clock) : limits_(limits), clock_(clock) {}

  absl::Status Attach(Database& db) override;
  absl::Status BeginGroup() override { return absl::OkStatus(); }
  absl::Status EndGroup() override { return absl::OkStatus(); }
  void GroupEnded(bool) override {}

  /// AlreadyExists when the id is taken; Aborted when a limit is reached.
  absl::Status Insert(const StoredTask& task, std::string_view process);
  /// NotFound when no such task runs; Aborted when a limit is reached.
  absl::Status Finish(std::string_view id, std::string_view told) { return Tell(id, told, /*is_over=*/true); }
  /// The same, and it goes on.
  absl::Status Update(std::string_view id, std::string_view told) {
    return Tell(id, told, /*is_over=*/false);
  }
  /// NotFound when no such task of the owner runs; Aborted when a limit is reached.
  absl::Status Leave(const TaskWish& wish, std::string_view owner);
  /// Appends what was left for the task.
  absl::Status Take(const std::string& id, std::vector<TaskWish>& taken);
  /// Removes at most `most` tasks that may be forgotten, and what was left for them; answers how many.
  absl::StatusOr<std::size_t> Sweep(std::size_t most);

 private:
  struct Use {
    std::int64_t tasks = 0, bytes = 0, owned_tasks = 0, owned_bytes = 0;
  };
  absl::StatusOr<Use> Measure(std::string_view owner);
  absl::Status Tell(std::string_view id, std::string_view told, bool is_over);

  const TaskStoreLimits limits_;
  const Clock& clock_;
  Database* db_ = nullptr;
  Statement sweep_, sweep_some_, sweep_wishes_, measure_, insert_, find_, tell_;
  Statement count_wishes_, leave_, take_, drop_;
};

/// TaskReader
///
/// Reads beside the writer. Safe for concurrent use.
class TaskReader {
 public:
  struct Row {
    StoredTask task;
    std::string process;  ///< the mark of whoever began it
  };
  static absl::StatusOr<std::unique_ptr<TaskReader>> Open(const std::string& path, Nanos busy);
  absl::StatusOr<std::optional<Row>> Find(std::string_view id, std::string_view owner, WallTime now);
  absl::StatusOr<bool> HasWishes(std::span<const std::string> ids);
  /// Those that may be forgotten, counted up to `most`.
  absl::StatusOr<std::size_t> CountOver(WallTime now, std::size_t most);

 private:
  explicit TaskReader(std::unique_ptr<Database> db) : db_(std::move(db)) {}
  absl::Status Prepare();

  Mutex mutex_;
  const std::unique_ptr<Database> db_ MCPGATE_PT_GUARDED_BY(mutex_);
  Statement find_ MCPGATE_GUARDED_BY(mutex_);
  Statement has_wishes_ MCPGATE_GUARDED_BY(mutex_);
  Statement count_over_ MCPGATE_GUARDED_BY(mutex_);
};

struct TaskBook {
  TaskBook(const TaskStoreLimits& limits, const Clock& time) : clock(time), table(limits, time) {}
  const Clock& clock;
  std::unique_ptr<ProcessMark> mark;
  TaskTable table;
  std::unique_ptr<TaskReader> reader;
  std::unique_ptr<GroupWriter> writer;  ///< last, so that it stops first
};

/// TaskFile
///
/// tasks.db, opened when it is first needed. Safe for concurrent use.
class TaskFile {
 public:
  explicit TaskFile(const SqliteOptions& options) : options_(options) {}

  /// Unavailable once it is closed; else why it cannot be opened, which is tried again by the next call.
  absl::StatusOr<std::shared_ptr<TaskBook>> Open();
  /// nullptr, and nothing is made, as long as there is no file.
  absl::StatusOr<std::shared_ptr<TaskBook>> OpenIfThere();
  void Close();

 private:
  const SqliteOptions options_;
  Mutex mutex_;
  std::shared_ptr<TaskBook> book_ MCPGATE_GUARDED_BY(mutex_);
  bool is_closed_ MCPGATE_GUARDED_BY(mutex_) = false;
  bool is_told_ MCPGATE_GUARDED_BY(mutex_) = false;
};

std::unique_ptr<TaskStore> NewTaskStore(std::shared_ptr<TaskFile> file);

}  // namespace mcpgate::sqlite
