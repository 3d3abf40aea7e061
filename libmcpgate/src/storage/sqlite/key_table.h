// File: storage/sqlite/key_table.h
//
// Key records as rows.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/key_store.h"
#include "storage/sqlite/database.h"

namespace mcpgate::sqlite {

extern const char* const kKeySchema;
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
  /// AlreadyExists when the id is taken.
  absl::Status Insert(const KeyRecord& record);
  /// Aborted when the row's version is not the one before; NotFound when there is none.
  absl::Status Update(const KeyRecord& record);

 private:
  absl::Status Run(Statement& statement, const KeyRecord& record);

  Database* db_ = nullptr;
  Statement insert_, update_, exists_;
};

}  // namespace mcpgate::sqlite
