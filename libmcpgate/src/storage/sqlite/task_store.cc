#include <utility>

#include "storage/sqlite/task_book.h"

namespace mcpgate::sqlite {
namespace {

class InsertTask : public WriteRequest {
 public:
  InsertTask(TaskTable& table, const StoredTask& task, std::string process)
      : table_(table), task_(task), process_(std::move(process)) {}
  absl::Status Apply() override { return table_.Insert(task_, process_); }

 private:
  TaskTable& table_;
  const StoredTask task_;
  const std::string process_;
};

class TellTask : public WriteRequest {
 public:
  TellTask(TaskTable& table, std::string_view id, std::string told, bool is_over)
      : table_(table), id_(id), told_(std::move(told)), is_over_(is_over) {}
  absl::Status Apply() override { return is_over_ ? table_.Finish(id_, told_) : table_.Update(id_, told_); }

 private:
  TaskTable& table_;
  const std::string id_, told_;
  const bool is_over_;
};

class LeaveWish : public WriteRequest {
 public:
  LeaveWish(TaskTable& table, TaskWish wish, std::string_view owner)
      : table_(table), wish_(std::move(wish)), owner_(owner) {}
  absl::Status Apply() override { return table_.Leave(wish_, owner_); }

 private:
  TaskTable& table_;
  const TaskWish wish_;
  const std::string owner_;
};

class TakeForTasks : public WriteRequest {
 public:
  TakeForTasks(TaskTable& table, std::span<const std::string> ids)
      : table_(table), ids_(ids.begin(), ids.end()) {}
  absl::Status Apply() override {
    taken_.clear();
    absl::Status status;
    for (const std::string& id : ids_) status.Update(table_.Take(id, taken_));
    return status;
  }
  /// Once it is written.
  std::vector<TaskWish> taken() { return std::move(taken_); }

 private:
  TaskTable& table_;
  const std::vector<std::string> ids_;
  std::vector<TaskWish> taken_;
};

class SweepTasks : public WriteRequest {
 public:
  SweepTasks(TaskTable& table, std::size_t most) : table_(table), most_(most) {}
  absl::Status Apply() override {
    const absl::StatusOr<std::size_t> removed = table_.Sweep(most_);
    if (removed.ok()) removed_ = *removed;
    return removed.status();
  }
  /// Once it is written.
  std::size_t removed() const { return removed_; }

 private:
  TaskTable& table_;
  const std::size_t most_;
  std::size_t removed_ = 0;
};

// Within a group Aborted says that nothing was changed; to the caller a limit is ResourceExhausted.
absl::Status AnswerOf(const absl::Status& status) {
  return absl::IsAborted(status) ? absl::ResourceExhaustedError(status.message()) : status;
}

// Safe for concurrent use.
class SqliteTaskStore final : public TaskStore {
 public:
  explicit SqliteTaskStore(std::shared_ptr<TaskFile> file) : file_(std::move(file)) {}

  absl::Status Insert(const StoredTask& task) override {
    return Write<InsertTask>(
        [&](TaskBook& book) { return std::make_shared<InsertTask>(book.table, task, book.mark->name()); });
  }
  absl::Status Update(std::string_view id, std::string told) override {
    return Tell(id, std::move(told), /*is_over=*/false);
  }
  absl::Status Finish(std::string_view id, std::string told) override {
    return Tell(id, std::move(told), /*is_over=*/true);
  }
  absl::Status Leave(TaskWish wish, std::string_view owner) override {
    return Write<LeaveWish>(
        [&](TaskBook& book) { return std::make_shared<LeaveWish>(book.table, std::move(wish), owner); });
  }
  absl::StatusOr<std::vector<TaskWish>> TakeWishes(std::span<const std::string> ids) override;
  absl::StatusOr<std::optional<StoredTask>> Find(std::string_view id, std::string_view owner) override;
  absl::StatusOr<std::size_t> Sweep(std::size_t most, bool dry_run) override;

 private:
  template <typename Change, typename Make>
  absl::Status Write(Make make) {
    const absl::StatusOr<std::shared_ptr<TaskBook>> book = file_->Open();
    if (!book.ok()) return book.status();
    const std::shared_ptr<Change> change = make(**book);
    return AnswerOf((*book)->writer->Write(change));
  }
  absl::Status Tell(std::string_view id, std::string told, bool is_over) {
    return Write<TellTask>(
        [&](TaskBook& book) { return std::make_shared<TellTask>(book.table, id, std::move(told), is_over); });
  }

  const std::shared_ptr<TaskFile> file_;
};

absl::StatusOr<std::vector<TaskWish>> SqliteTaskStore::TakeWishes(std::span<const std::string> ids) {
  const absl::StatusOr<std::shared_ptr<TaskBook>> book = file_->OpenIfThere();
  if (!book.ok()) return book.status();
  if (*book == nullptr) return std::vector<TaskWish>();
  const absl::StatusOr<bool> any = (*book)->reader->HasWishes(ids);
  if (!any.ok()) return any.status();
  if (!*any) return std::vector<TaskWish>();
  const auto take = std::make_shared<TakeForTasks>((*book)->table, ids);
  if (absl::Status status = (*book)->writer->Write(take); !status.ok()) return status;
  return take->taken();
}

absl::StatusOr<std::size_t> SqliteTaskStore::Sweep(std::size_t most, bool dry_run) {
  const absl::StatusOr<std::shared_ptr<TaskBook>> book = file_->OpenIfThere();
  if (!book.ok()) return book.status();
  if (*book == nullptr) return 0;
  const absl::StatusOr<std::size_t> over = (*book)->reader->CountOver((*book)->clock.Now(), most);
  if (!over.ok() || *over == 0 || dry_run) return over;
  const auto sweep = std::make_shared<SweepTasks>((*book)->table, most);
  if (absl::Status status = (*book)->writer->Write(sweep); !status.ok()) return status;
  return sweep->removed();
}

absl::StatusOr<std::optional<StoredTask>> SqliteTaskStore::Find(std::string_view id, std::string_view owner) {
  const absl::StatusOr<std::shared_ptr<TaskBook>> opened = file_->OpenIfThere();
  if (!opened.ok()) return opened.status();
  if (*opened == nullptr) return std::nullopt;
  TaskBook& book = **opened;
  absl::StatusOr<std::optional<TaskReader::Row>> row = book.reader->Find(id, owner, book.clock.Now());
  if (!row.ok()) return row.status();
  if (!row->has_value()) return std::nullopt;
  StoredTask task = std::move((*row)->task);
  if (task.is_over || book.mark->IsHeld((*row)->process)) return task;
  // Its process may have ended between the two looks, and with its last word written.
  row = book.reader->Find(id, owner, book.clock.Now());
  if (!row.ok()) return row.status();
  if (!row->has_value()) return std::nullopt;
  task = std::move((*row)->task);
  task.is_alone = !task.is_over;
  return task;
}

}  // namespace

std::unique_ptr<TaskStore> NewTaskStore(std::shared_ptr<TaskFile> file) {
  return std::make_unique<SqliteTaskStore>(std::move(file));
}

}  // namespace mcpgate::sqlite
