// A data directory for one test, and ways to come at it from outside.
#pragma once

#include <doctest/doctest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mcpgate/sqlite.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"

namespace mcpgate::testing {

struct DataDirectory {
  TempDir temp{TempDir::InMemory()};
  FakeClock clock;
  std::string path = temp / "data";

  SqliteOptions Options() const {
    return {.directory = path, .deadline = std::chrono::seconds(60), .clock = &clock};
  }
  std::unique_ptr<SqliteStorage> Open() const { return Open(Options()); }
  static std::unique_ptr<SqliteStorage> Open(SqliteOptions options) {
    auto storage = SqliteStorage::Open(std::move(options));
    REQUIRE_MESSAGE(storage.ok(), storage.status().ToString());
    return *std::move(storage);
  }
  std::string File(const std::string& name) const { return path + "/" + name; }
};

/// A hand that holds no root key: plain SQL on a file.
class RawDatabase {
 public:
  explicit RawDatabase(const std::string& path) {
    REQUIRE(sqlite3_open_v2(path.c_str(), &db_, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK);
  }
  ~RawDatabase() { sqlite3_close(db_); }
  RawDatabase(const RawDatabase&) = delete;
  RawDatabase& operator=(const RawDatabase&) = delete;

  void Run(const std::string& sql) {
    char* error = nullptr;
    sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, &error);
    REQUIRE_MESSAGE(error == nullptr, error);
  }
  std::string Answer(const std::string& sql) {
    std::string text;
    sqlite3_stmt* statement = nullptr;
    REQUIRE(sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
    if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_type(statement, 0) != SQLITE_NULL)
      text.assign(static_cast<const char*>(sqlite3_column_blob(statement, 0)),
                  static_cast<std::size_t>(sqlite3_column_bytes(statement, 0)));
    sqlite3_finalize(statement);
    return text;
  }
  sqlite3* handle() { return db_; }

 private:
  sqlite3* db_ = nullptr;
};

inline AuditRecord Record(std::string action) {
  AuditRecord record;
  record.action = std::move(action);
  record.key = "7Qx0aZ3LmP9t";
  return record;
}

/// Runs each of `works` in a process of its own, all at once, and answers what they returned (0 to 255). Fork
/// before this process opens a storage: SQLite forbids carrying a connection across.
inline std::vector<int> InProcesses(const std::vector<std::function<int()>>& works) {
  std::vector<pid_t> children;
  for (const auto& work : works) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) _exit(work());
    children.push_back(child);
  }
  std::vector<int> answers;
  for (const pid_t child : children) {
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    answers.push_back(WIFEXITED(status) ? WEXITSTATUS(status) : -1);
  }
  return answers;
}

}  // namespace mcpgate::testing
