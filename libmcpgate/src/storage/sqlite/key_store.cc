#include <utility>

#include "storage/sqlite/gate_book.h"

namespace mcpgate::sqlite {
namespace {

class ApplyRows : public WriteRequest {
 public:
  ApplyRows(GateTables& tables, std::span<const RowChange> changes)
      : tables_(tables), changes_(changes.begin(), changes.end()) {}
  absl::Status Apply() override { return tables_.ApplyRows(changes_); }

 private:
  GateTables& tables_;
  const std::vector<RowChange> changes_;
};

class NoteKeyUses : public WriteRequest {
 public:
  NoteKeyUses(GateTables& tables, std::span<const KeyUse> uses)
      : tables_(tables), uses_(uses.begin(), uses.end()) {}
  absl::Status Apply() override { return tables_.NoteUses(uses_); }

 private:
  GateTables& tables_;
  const std::vector<KeyUse> uses_;
};

class ForgetKeys : public WriteRequest {
 public:
  ForgetKeys(GateTables& tables, std::span<const KeyRecord> rows)
      : tables_(tables), rows_(rows.begin(), rows.end()) {}
  absl::Status Apply() override { return tables_.Forget(rows_); }

 private:
  GateTables& tables_;
  const std::vector<KeyRecord> rows_;
};

// Safe for concurrent use.
class SqliteKeyStore : public KeyStore {
 public:
  explicit SqliteKeyStore(std::shared_ptr<GateBook> book) : book_(std::move(book)) {}

  absl::StatusOr<std::optional<KeyRecord>> Find(std::string_view id) override {
    return book_->reader->Keys([&](KeyReader& keys) { return keys.Find(id); });
  }
  absl::StatusOr<KeyRows> List(const KeyQuery& query) override {
    return book_->reader->Keys([&](KeyReader& keys) { return keys.List(query); });
  }
  absl::StatusOr<std::optional<PersonRecord>> FindPerson(PersonKind kind, std::string_view tenant,
                                                         std::string_view id) override {
    return book_->reader->People([&](PersonReader& people) { return people.Find(kind, tenant, id); });
  }
  absl::StatusOr<PersonRows> ListPeople(const PersonQuery& query) override {
    return book_->reader->People([&](PersonReader& people) { return people.List(query); });
  }
  absl::Status Apply(std::span<const RowChange> changes) override {
    if (changes.empty()) return absl::OkStatus();
    return book_->writer->Write(std::make_shared<ApplyRows>(book_->tables, changes));
  }
  absl::Status NoteUses(std::span<const KeyUse> uses) override {
    return book_->writer->Write(std::make_shared<NoteKeyUses>(book_->tables, uses));
  }
  absl::StatusOr<std::vector<KeyUse>> Uses(std::span<const std::string> ids) override {
    return book_->reader->Keys([&](KeyReader& keys) { return keys.Uses(ids); });
  }
  absl::StatusOr<KeyRows> ListEnded(std::int64_t by, std::string_view after, std::size_t limit) override {
    return book_->reader->Keys([&](KeyReader& keys) { return keys.ListEnded(by, after, limit); });
  }
  absl::Status Forget(std::span<const KeyRecord> rows) override {
    if (rows.empty()) return absl::OkStatus();
    return book_->writer->Write(std::make_shared<ForgetKeys>(book_->tables, rows));
  }
  absl::StatusOr<bool> HasForgotten() override {
    return book_->reader->Keys([](KeyReader& keys) { return keys.HasForgotten(); });
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
