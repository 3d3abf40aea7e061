#include <unistd.h>

#include <utility>

#include "storage/sqlite/task_book.h"
#include "storage/sqlite/writer_options.h"

namespace mcpgate::sqlite {
namespace {

absl::StatusOr<std::shared_ptr<TaskBook>> OpenBook(const SqliteOptions& options) {
  auto book = std::make_shared<TaskBook>(options.tasks, *options.clock);
  absl::StatusOr<std::unique_ptr<ProcessMark>> mark = ProcessMark::Make(options.directory);
  if (!mark.ok()) return mark.status();
  book->mark = *std::move(mark);
  GroupWriterOptions writing = WriterOptions(options, "tasks.db");
  const std::string path = writing.path;
  absl::StatusOr<std::unique_ptr<GroupWriter>> writer = GroupWriter::Start(std::move(writing), book->table);
  if (!writer.ok()) return writer.status();
  book->writer = *std::move(writer);
  if (absl::Status status = book->writer->Health(); !status.ok()) return status;
  absl::StatusOr<std::unique_ptr<TaskReader>> reader = TaskReader::Open(path, options.deadline);
  if (!reader.ok()) return reader.status();
  book->reader = *std::move(reader);
  return book;
}

}  // namespace

// Nobody else is called with the lock held but the file system: whoever comes meanwhile needs the file too.
absl::StatusOr<std::shared_ptr<TaskBook>> TaskFile::Open() {
  absl::Status why;
  {
    MutexLock lock(mutex_);
    if (book_ != nullptr) return book_;
    if (is_closed_) return absl::UnavailableError("the storage is closed");
    absl::StatusOr<std::shared_ptr<TaskBook>> book = OpenBook(options_);
    if (book.ok()) {
      book_ = *std::move(book);
      is_told_ = false;
      return book_;
    }
    why = book.status();
    if (std::exchange(is_told_, true)) return why;
  }
  if (options_.log) options_.log("tasks cannot be kept: " + std::string(why.message()));
  return why;
}

absl::StatusOr<std::shared_ptr<TaskBook>> TaskFile::OpenIfThere() {
  {
    MutexLock lock(mutex_);
    if (book_ != nullptr) return book_;
    const bool is_there = access((options_.directory + "/tasks.db").c_str(), F_OK) == 0;
    if (is_closed_ || !is_there) return std::shared_ptr<TaskBook>();
  }
  return Open();
}

void TaskFile::Close() {
  MutexLock lock(mutex_);
  is_closed_ = true;
  if (book_ != nullptr) book_->writer->Stop();
}

}  // namespace mcpgate::sqlite
