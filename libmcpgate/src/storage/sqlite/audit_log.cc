#include "storage/sqlite/audit_log.h"

#include <utility>

namespace mcpgate::sqlite {
namespace {

class AppendRequest : public WriteRequest {
 public:
  AppendRequest(AuditTable& table, AuditRecord record) : table_(table), record_(std::move(record)) {}
  absl::Status Apply() override { return table_.Append(record_); }
  void Dropped() override { table_.CountLost(); }

 private:
  AuditTable& table_;
  const AuditRecord record_;
};

// Nothing to write, but durable only when all before it is.
class FlushRequest : public WriteRequest {
 public:
  absl::Status Apply() override { return absl::OkStatus(); }
};

// Safe for concurrent use.
class AuditLog : public AuditSink {
 public:
  explicit AuditLog(std::shared_ptr<AuditBook> book) : book_(std::move(book)) {}

  absl::Status Append(AuditRecord record, AuditDurability durability) override {
    auto request = std::make_shared<AppendRequest>(book_->table, std::move(record));
    if (durability == AuditDurability::kBefore) return book_->writer->Write(std::move(request));
    absl::Status status = book_->writer->Queue(std::move(request));
    if (!status.ok() && book_->table.CountLost()) book_->writer->Nudge();
    return status;
  }
  absl::Status Ready() override { return book_->writer->AwaitRoom(); }
  absl::Status Flush() override { return book_->writer->Write(std::make_shared<FlushRequest>()); }

 private:
  const std::shared_ptr<AuditBook> book_;
};

}  // namespace

std::unique_ptr<AuditSink> NewAuditLog(std::shared_ptr<AuditBook> book) {
  return std::make_unique<AuditLog>(std::move(book));
}

}  // namespace mcpgate::sqlite
