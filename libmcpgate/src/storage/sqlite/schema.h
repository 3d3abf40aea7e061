// File: storage/sqlite/schema.h
//
// How a database file says what is in it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/sqlite/database.h"

namespace mcpgate::sqlite {

inline constexpr int kSchemaVersion = 1;

/// Runs `statements` in one transaction when the file is empty, and says whether it was. DataLoss when the
/// file holds something that is not ours, FailedPrecondition when a newer program made it.
absl::StatusOr<bool> EnsureSchema(Database& db, std::span<const std::string> statements);

/// Prepares one statement, for tables with several.
absl::Status PrepareInto(Database& db, Statement& statement, std::string_view sql);

}  // namespace mcpgate::sqlite
