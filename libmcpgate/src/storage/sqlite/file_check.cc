// CheckSqliteFiles of sqlite.h.
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <system_error>

#include "mcpgate/sqlite.h"
#include "storage/sqlite/database.h"
#include "storage/sqlite/schema.h"

namespace mcpgate {
namespace {

using sqlite::Database;
using sqlite::Statement;

constexpr Nanos kBusy = std::chrono::seconds(2);

absl::Status CheckPages(Database& db) {
  absl::StatusOr<Statement> check = db.Prepare("PRAGMA integrity_check(1)");
  if (!check.ok()) return check.status();
  const absl::StatusOr<bool> row = check->Step();
  if (!row.ok()) return row.status();
  const std::string_view found = *row ? check->Text(0).value_or("") : "";
  if (found == "ok") return absl::OkStatus();
  return absl::DataLossError(fmt::format("{}: {}; restore it from a backup", db.name(), found));
}

SqliteFileCheck CheckFile(const std::string& directory, const char* name) {
  SqliteFileCheck check{.name = name, .knows = sqlite::NewestSchema(name)};
  absl::StatusOr<std::unique_ptr<Database>> db =
      Database::Open(directory + "/" + name, Database::Mode::kRead, kBusy);
  check.status = db.status();
  if (!db.ok()) return check;
  const absl::StatusOr<std::int64_t> version = (*db)->Number("PRAGMA user_version");
  check.status = version.status();
  if (!version.ok()) return check;
  check.schema = static_cast<int>(*version);
  check.status = CheckPages(**db);
  return check;
}

}  // namespace

std::vector<SqliteFileCheck> CheckSqliteFiles(const std::string& directory) {
  std::vector<SqliteFileCheck> checks;
  for (const char* name : {"gate.db", "audit.db", "tasks.db", "budget.db", "notices.db", "vault.db"}) {
    std::error_code ignored;
    if (std::filesystem::exists(directory + "/" + name, ignored))
      checks.push_back(CheckFile(directory, name));
  }
  return checks;
}

}  // namespace mcpgate
