#include "storage/sqlite/gate_book.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "storage/sqlite/schema.h"

namespace mcpgate::sqlite {

namespace {

constexpr std::string_view kFactSchema =
    "CREATE TABLE facts(name TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID";

class RememberRequest : public WriteRequest {
 public:
  explicit RememberRequest(GateTables& tables) : tables_(tables) {}
  absl::Status Apply() override { return tables_.RememberTrail(); }

 private:
  GateTables& tables_;
};

}  // namespace

absl::Status GateTables::Attach(Database& db) {
  const std::array<std::string, 4> schema = {kKeySchema, kLimitSchema, kLimitAgeIndex,
                                             std::string(kFactSchema)};
  absl::Status status = EnsureSchema(db, schema).status();
  status.Update(PrepareInto(db, remember_trail_, "INSERT OR IGNORE INTO facts(name) VALUES('audit trail')"));
  if (status.ok()) status = keys_.Attach(db);
  if (status.ok()) status = limits_.Attach(db);
  if (status.ok()) revision_->EndChange();  // of a process that died
  return status;
}

void GateTables::GroupEnded(bool committed) {
  limits_.GroupEnded(committed);
  revision_->EndChange();
}

absl::Status GateTables::InsertKey(const KeyRecord& record) {
  revision_->BeginChange();
  return keys_.Insert(record);
}

absl::Status GateTables::UpdateKey(const KeyRecord& record) {
  revision_->BeginChange();
  return keys_.Update(record);
}

absl::StatusOr<std::unique_ptr<GateReader>> GateReader::Open(const std::string& path, Nanos busy) {
  absl::StatusOr<std::unique_ptr<Database>> db = Database::Open(path, Database::Mode::kRead, busy);
  if (!db.ok()) return db.status();
  std::unique_ptr<GateReader> reader(new GateReader(*std::move(db)));
  if (absl::Status status = reader->Prepare(); !status.ok()) return status;
  return reader;
}

absl::Status GateReader::Prepare() {
  MutexLock lock(mutex_);
  absl::Status status =
      PrepareInto(*db_, find_key_, fmt::format("SELECT {} FROM keys WHERE id=?1", kKeyColumns));
  status.Update(PrepareInto(
      *db_, list_keys_, fmt::format("SELECT {} FROM keys WHERE id>?1 ORDER BY id LIMIT ?2", kKeyColumns)));
  status.Update(PrepareInto(*db_, find_cell_, kSelectCell));
  status.Update(PrepareInto(*db_, find_trail_, "SELECT 1 FROM facts WHERE name='audit trail'"));
  return status;
}

absl::StatusOr<std::optional<KeyRecord>> GateReader::FindKey(std::string_view id) {
  MutexLock lock(mutex_);
  ResetAtEnd reset(find_key_);
  find_key_.BindText(1, id);
  const absl::StatusOr<bool> row = find_key_.Step();
  if (!row.ok()) return row.status();
  if (!*row) return std::nullopt;
  absl::StatusOr<KeyRecord> record = ReadKey(find_key_);
  if (!record.ok()) return record.status();
  return *std::move(record);
}

absl::StatusOr<std::vector<StoredKey>> GateReader::ListKeys(std::string_view after, std::size_t limit) {
  constexpr std::size_t kMost = std::numeric_limits<std::int64_t>::max();
  MutexLock lock(mutex_);
  ResetAtEnd reset(list_keys_);
  list_keys_.BindText(1, after).Bind(2, static_cast<std::int64_t>(std::min(limit, kMost)));
  std::vector<StoredKey> keys;
  absl::StatusOr<bool> row = list_keys_.Step();
  for (; row.ok() && *row; row = list_keys_.Step())
    keys.push_back({.id = std::string(list_keys_.Text(0).value_or("")), .record = ReadKey(list_keys_)});
  if (!row.ok()) return row.status();
  return keys;
}

absl::StatusOr<bool> GateReader::RemembersTrail() {
  MutexLock lock(mutex_);
  ResetAtEnd reset(find_trail_);
  return find_trail_.Step();
}

absl::StatusOr<StoredCell> GateReader::FindCell(const LimitPolicy& policy, std::string_view partition,
                                                std::int64_t now) {
  MutexLock lock(mutex_);
  return LoadCell(find_cell_, policy, partition, now);
}

absl::Status RememberTrail(GateBook& book) {
  return book.writer->Write(std::make_shared<RememberRequest>(book.tables));
}

}  // namespace mcpgate::sqlite
