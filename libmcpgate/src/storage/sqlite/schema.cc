#include "storage/sqlite/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace mcpgate::sqlite {
namespace {

constexpr int kApplicationId = 0x6d637067;  // "mcpg", for file(1)

absl::Status RunAll(Database& db, const std::vector<std::string>& statements) {
  absl::Status status;
  for (std::size_t i = 0; status.ok() && i < statements.size(); ++i)
    status = db.Execute(statements[i].c_str());
  return status;
}

// From `version` (0: an empty file) to the schema's own, or not at all.
absl::Status Upgrade(Database& db, const DatabaseSchema& schema, int version) {
  absl::Status status = db.Execute("BEGIN IMMEDIATE");
  if (status.ok() && version == 0) status = RunAll(db, schema.creation);
  const auto done = static_cast<std::size_t>(std::max(version - 1, 0));
  for (std::size_t i = done; status.ok() && i < schema.upgrades.size(); ++i)
    status = RunAll(db, schema.upgrades[i]);
  if (status.ok()) status = db.Execute(fmt::format("PRAGMA user_version={}", schema.version()).c_str());
  if (status.ok()) status = db.Execute(fmt::format("PRAGMA application_id={}", kApplicationId).c_str());
  if (status.ok()) status = db.Execute("COMMIT");
  if (db.InTransaction()) (void)db.Execute("ROLLBACK");
  return status;
}

}  // namespace

absl::StatusOr<bool> EnsureSchema(Database& db, const DatabaseSchema& schema) {
  const absl::StatusOr<std::int64_t> version = db.Number("PRAGMA user_version");
  if (!version.ok()) return version.status();
  const absl::StatusOr<std::int64_t> tables = db.Number("SELECT count(*) FROM sqlite_schema");
  if (!tables.ok()) return tables.status();
  const bool is_new = *version == 0 && *tables == 0;
  if (*version > schema.version() && *tables > 0)
    return absl::FailedPreconditionError(
        fmt::format("{}: made by a newer mcpgate (schema {}, this one knows {}); use that one", db.name(),
                    *version, schema.version()));
  if (!is_new && (*version < 1 || *version > schema.version() || *tables == 0))
    return absl::DataLossError(
        fmt::format("{}: not a database of mcpgate; restore it from a backup, or move it aside", db.name()));
  if (*version == schema.version()) return false;
  if (absl::Status status = Upgrade(db, schema, static_cast<int>(*version)); !status.ok()) return status;
  return is_new;
}

absl::Status PrepareInto(Database& db, Statement& statement, std::string_view sql) {
  absl::StatusOr<Statement> prepared = db.Prepare(sql);
  if (!prepared.ok()) return prepared.status();
  statement = *std::move(prepared);
  return absl::OkStatus();
}

}  // namespace mcpgate::sqlite
