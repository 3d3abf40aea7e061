#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "mcpgate/sqlite.h"
#include "support/temp_dir.h"

namespace mcpgate {
namespace {

struct Checked {
  testing::TempDir dir;

  Checked() { REQUIRE(SqliteStorage::Open({.directory = dir / "data"}).ok()); }
  std::vector<SqliteFileCheck> Check() const { return CheckSqliteFiles(dir / "data"); }
};

TEST_CASE_FIXTURE(Checked, "databases that are there are read from end to end") {
  const std::vector<SqliteFileCheck> checks = Check();
  REQUIRE(checks.size() == 2);
  CHECK(checks[0].name == "gate.db");
  CHECK(checks[1].name == "audit.db");
  for (const SqliteFileCheck& check : checks) {
    CAPTURE(check.name);
    CHECK(check.status.ok());
    CHECK(check.schema == check.knows);
  }
}

TEST_CASE_FIXTURE(Checked, "what is no database is told, and its neighbour is read all the same") {
  std::ofstream(dir / "data/gate.db") << std::string(8192, 'x');
  const std::vector<SqliteFileCheck> checks = Check();
  REQUIRE(checks.size() == 2);
  CHECK(absl::IsDataLoss(checks[0].status));
  CHECK(checks[1].status.ok());
}

TEST_CASE("a directory without databases has nothing to tell") {
  const testing::TempDir dir;
  CHECK(CheckSqliteFiles(dir.path()).empty());
}

}  // namespace
}  // namespace mcpgate
