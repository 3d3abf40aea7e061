// File: storage/sqlite/schema.h
//
// How a database file says what is in it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/sqlite/database.h"

namespace mcpgate::sqlite {

/// What makes an empty file into a database of version 1, and each older version into the next.
struct DatabaseSchema {
  std::vector<std::string> creation;
  std::vector<std::vector<std::string>> upgrades{};

  int version() const { return 1 + static_cast<int>(upgrades.size()); }
};

/// The newest version that this program knows of a file.
constexpr int NewestSchema(std::string_view file) {
  return file == "gate.db" ? 3 : file == "budget.db" ? 2 : 1;
}

/// Makes or upgrades the database in one transaction, and says whether the file was empty. DataLoss when it
/// holds something that is not ours, FailedPrecondition when a newer program made it.
absl::StatusOr<bool> EnsureSchema(Database& db, const DatabaseSchema& schema);

/// Prepares one statement, for tables with several.
absl::Status PrepareInto(Database& db, Statement& statement, std::string_view sql);

}  // namespace mcpgate::sqlite
