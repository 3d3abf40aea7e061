#include "storage/sqlite/schema.h"

#include <fmt/format.h>

#include <string>

namespace mcpgate::sqlite {
namespace {

constexpr int kApplicationId = 0x6d637067;  // "mcpg", for file(1)

absl::Status Create(Database& db, std::span<const std::string> statements) {
  absl::Status status = db.Execute("BEGIN IMMEDIATE");
  for (std::size_t i = 0; status.ok() && i < statements.size(); ++i)
    status = db.Execute(statements[i].c_str());
  if (status.ok()) status = db.Execute(fmt::format("PRAGMA user_version={}", kSchemaVersion).c_str());
  if (status.ok()) status = db.Execute(fmt::format("PRAGMA application_id={}", kApplicationId).c_str());
  if (status.ok()) status = db.Execute("COMMIT");
  if (db.InTransaction()) (void)db.Execute("ROLLBACK");
  return status;
}

}  // namespace

absl::StatusOr<bool> EnsureSchema(Database& db, std::span<const std::string> statements) {
  const absl::StatusOr<std::int64_t> version = db.Number("PRAGMA user_version");
  if (!version.ok()) return version.status();
  const absl::StatusOr<std::int64_t> tables = db.Number("SELECT count(*) FROM sqlite_schema");
  if (!tables.ok()) return tables.status();
  if (*version == 0 && *tables == 0) {
    if (absl::Status status = Create(db, statements); !status.ok()) return status;
    return true;
  }
  if (*version > kSchemaVersion && *tables > 0)
    return absl::FailedPreconditionError(
        fmt::format("{}: made by a newer mcpgate (schema {}, this one knows {}); use that one", db.name(),
                    *version, kSchemaVersion));
  if (*version != kSchemaVersion || *tables == 0)
    return absl::DataLossError(
        fmt::format("{}: not a database of mcpgate; restore it from a backup, or move it aside", db.name()));
  return false;
}

absl::Status PrepareInto(Database& db, Statement& statement, std::string_view sql) {
  absl::StatusOr<Statement> prepared = db.Prepare(sql);
  if (!prepared.ok()) return prepared.status();
  statement = *std::move(prepared);
  return absl::OkStatus();
}

}  // namespace mcpgate::sqlite
