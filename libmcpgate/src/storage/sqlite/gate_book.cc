#include "storage/sqlite/gate_book.h"

#include <fmt/format.h>

#include <utility>
#include <variant>

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
  const DatabaseSchema schema = {{kKeySchema, kLimitSchema, kLimitAgeIndex, std::string(kFactSchema)},
                                 {PeopleUpgrade(), ForgettingUpgrade()}};
  absl::Status status = EnsureSchema(db, schema).status();
  status.Update(PrepareInto(db, save_, "SAVEPOINT rows"));
  status.Update(PrepareInto(db, undo_, "ROLLBACK TO rows"));
  status.Update(PrepareInto(db, release_, "RELEASE rows"));
  status.Update(PrepareInto(db, remember_trail_, "INSERT OR IGNORE INTO facts(name) VALUES('audit trail')"));
  if (status.ok()) status = keys_.Attach(db);
  if (status.ok()) status = people_.Attach(db);
  if (status.ok()) status = uses_.Attach(db);
  if (status.ok()) status = limits_.Attach(db);
  if (status.ok()) revision_->EndChange();  // of a process that died
  return status;
}

void GateTables::GroupEnded(bool committed) {
  limits_.GroupEnded(committed);
  revision_->EndChange();
}

// The writer undoes a group when a request fails in the middle, so a change that is refused must have been
// undone before it is answered.
template <typename Row, typename Change>
absl::Status GateTables::AllOrNone(std::span<const Row> rows, Change change) {
  absl::Status status = save_.Run();
  for (std::size_t i = 0; status.ok() && i < rows.size(); ++i) status = change(rows[i]);
  if (!status.ok() && !IsStoreFailure(status)) {
    if (absl::Status undone = undo_.Run(); !undone.ok()) return undone;
  }
  if (absl::Status released = release_.Run(); !released.ok()) return released;
  return status;
}

absl::Status GateTables::ApplyRows(std::span<const RowChange> changes) {
  revision_->BeginChange();
  const bool is_one_statement = changes.size() == 1 && std::holds_alternative<KeyRecord>(changes.front().row);
  if (is_one_statement) return ApplyRow(changes.front());
  return AllOrNone(changes, [this](const RowChange& change) { return ApplyRow(change); });
}

absl::Status GateTables::Forget(std::span<const KeyRecord> rows) {
  return AllOrNone(rows, [this](const KeyRecord& row) { return keys_.Forget(row); });
}

absl::Status GateTables::ApplyRow(const RowChange& change) {
  if (const auto* key = std::get_if<KeyRecord>(&change.row)) return keys_.Apply(change.verb, *key);
  return people_.Apply(change.verb, std::get<PersonRecord>(change.row));
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
  absl::Status status = keys_.Attach(*db_);
  if (status.ok()) status = people_.Attach(*db_);
  status.Update(PrepareInto(*db_, find_cell_, kSelectCell));
  status.Update(PrepareInto(*db_, find_trail_, "SELECT 1 FROM facts WHERE name='audit trail'"));
  return status;
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
