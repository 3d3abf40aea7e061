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

class FinishTask : public WriteRequest {
 public:
  FinishTask(TaskTable& table, std::string_view id, std::string told)
      : table_(table), id_(id), told_(std::move(told)) {}
  absl::Status Apply() override { return table_.Finish(id_, told_); }

 private:
  TaskTable& table_;
  const std::string id_, told_;
};

// Within a group Aborted says that nothing was changed; to the caller a limit is ResourceExhausted.
absl::Status AnswerOf(const absl::Status& status) {
  return absl::IsAborted(status) ? absl::ResourceExhaustedError(status.message()) : status;
}

// Safe for concurrent use.
class SqliteTaskStore final : public TaskStore {
 public:
  explicit SqliteTaskStore(std::shared_ptr<TaskBook> book) : book_(std::move(book)) {}

  absl::Status Insert(const StoredTask& task) override {
    return AnswerOf(
        book_->writer->Write(std::make_shared<InsertTask>(book_->table, task, book_->mark->name())));
  }
  absl::Status Finish(std::string_view id, std::string told) override {
    return AnswerOf(book_->writer->Write(std::make_shared<FinishTask>(book_->table, id, std::move(told))));
  }
  absl::StatusOr<std::optional<StoredTask>> Find(std::string_view id, std::string_view owner) override {
    absl::StatusOr<std::optional<TaskReader::Row>> row = book_->reader->Find(id, owner, book_->clock.Now());
    if (!row.ok()) return row.status();
    if (!row->has_value()) return std::nullopt;
    StoredTask task = std::move((*row)->task);
    if (task.is_over || book_->mark->IsHeld((*row)->process)) return task;
    // Its process may have ended between the two looks, and with its last word written.
    row = book_->reader->Find(id, owner, book_->clock.Now());
    if (!row.ok()) return row.status();
    if (!row->has_value()) return std::nullopt;
    task = std::move((*row)->task);
    task.is_alone = !task.is_over;
    return task;
  }

 private:
  const std::shared_ptr<TaskBook> book_;
};

}  // namespace

std::unique_ptr<TaskStore> NewTaskStore(std::shared_ptr<TaskBook> book) {
  return std::make_unique<SqliteTaskStore>(std::move(book));
}

}  // namespace mcpgate::sqlite
