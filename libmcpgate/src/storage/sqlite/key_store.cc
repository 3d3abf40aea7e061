#include <utility>

#include "storage/sqlite/gate_book.h"

namespace mcpgate::sqlite {
namespace {

class InsertKey : public WriteRequest {
 public:
  InsertKey(GateTables& tables, const KeyRecord& record) : tables_(tables), record_(record) {}
  absl::Status Apply() override { return tables_.InsertKey(record_); }

 private:
  GateTables& tables_;
  const KeyRecord record_;
};

class UpdateKey : public WriteRequest {
 public:
  UpdateKey(GateTables& tables, const KeyRecord& record) : tables_(tables), record_(record) {}
  absl::Status Apply() override { return tables_.UpdateKey(record_); }

 private:
  GateTables& tables_;
  const KeyRecord record_;
};

// Safe for concurrent use.
class SqliteKeyStore : public KeyStore {
 public:
  explicit SqliteKeyStore(std::shared_ptr<GateBook> book) : book_(std::move(book)) {}

  absl::StatusOr<std::optional<KeyRecord>> Find(std::string_view id) override {
    return book_->reader->FindKey(id);
  }
  absl::StatusOr<std::vector<StoredKey>> List(std::string_view after, std::size_t limit) override {
    return book_->reader->ListKeys(after, limit);
  }
  absl::Status Insert(const KeyRecord& record) override {
    return book_->writer->Write(std::make_shared<InsertKey>(book_->tables, record));
  }
  absl::Status Update(const KeyRecord& record) override {
    return book_->writer->Write(std::make_shared<UpdateKey>(book_->tables, record));
  }
  std::uint64_t Revision() override { return book_->revision->Read(); }

 private:
  const std::shared_ptr<GateBook> book_;
};

}  // namespace

std::unique_ptr<KeyStore> NewKeyStore(std::shared_ptr<GateBook> book) {
  return std::make_unique<SqliteKeyStore>(std::move(book));
}

}  // namespace mcpgate::sqlite
