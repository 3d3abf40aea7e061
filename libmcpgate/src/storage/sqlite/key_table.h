// File: storage/sqlite/key_table.h
//
// Key records as rows.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/key_record.h"
#include "storage/sqlite/database.h"

namespace mcpgate::sqlite {

extern const char* const kKeySchema;
/// Version 2: what keys gained, people, and uses.
std::vector<std::string> PeopleUpgrade();
/// Version 3: keys by their end, and the ids of those that were forgotten.
std::vector<std::string> ForgettingUpgrade();
/// The columns in the order `ReadKey` wants them, from column 0.
extern const char* const kKeyColumns;

/// The row a statement stands on. DataLoss names the column that has not the type, size or form it was
/// written with.
absl::StatusOr<KeyRecord> ReadKey(const Statement& row);

/// KeyTable
///
/// Changes of keys, inside a transaction. Not thread-safe; the writer's.
class KeyTable {
 public:
  absl::Status Attach(Database& db);
  /// The errors are those of RowChange.
  absl::Status Apply(RowChange::Verb verb, const KeyRecord& record);
  /// As an erasure, for good: the id stays taken.
  absl::Status Forget(const KeyRecord& record);

 private:
  absl::Status Insert(const KeyRecord& record);
  absl::Status Update(const KeyRecord& record);
  absl::Status Erase(const KeyRecord& record);
  absl::Status Run(Statement& statement, const KeyRecord& record);
  absl::Status WhyNot(const std::string& id);

  Database* db_ = nullptr;
  Statement insert_, update_, erase_, exists_, keep_id_, drop_use_;
};

}  // namespace mcpgate::sqlite
