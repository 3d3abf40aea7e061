// The disk that forgets must itself be right: what it loses, and what it keeps.
#include "crash/lossy_vfs.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "mcpgate/sqlite.h"
#include "support/temp_dir.h"

namespace mcpgate::testing {
namespace {

/// Runs `work` in a process of its own, started at once, that is killed at its end without a chance to tidy
/// up. Not thread-safe.
class Doomed {
 public:
  explicit Doomed(const std::function<void()>& work) : child_(fork()) {
    REQUIRE(child_ >= 0);
    if (child_ != 0) return;
    work();
    raise(SIGKILL);
  }
  void Await() const {
    int status = 0;
    REQUIRE(waitpid(child_, &status, 0) == child_);
    REQUIRE(WIFSIGNALED(status));
  }

 private:
  const pid_t child_;
};

void RunAndKill(const std::function<void()>& work) { Doomed(work).Await(); }

/// Lets one process wait for another's word.
class Word {
 public:
  Word() { REQUIRE(pipe(ends_.data()) == 0); }
  ~Word() {
    close(ends_[0]);
    close(ends_[1]);
  }
  Word(const Word&) = delete;
  Word& operator=(const Word&) = delete;
  bool Give() const { return write(ends_[1], "x", 1) == 1; }
  bool Await() const {
    char byte = 0;
    return read(ends_[0], &byte, 1) == 1;
  }

 private:
  std::array<int, 2> ends_;
};

bool Execute(sqlite3* db, const std::string& sql) {
  return sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
}

class Connection {
 public:
  explicit Connection(const std::string& path) { REQUIRE(sqlite3_open(path.c_str(), &db_) == SQLITE_OK); }
  ~Connection() { sqlite3_close(db_); }
  void Run(const std::string& sql) { CHECK(Execute(db_, sql)); }
  std::string Answer(const std::string& sql) {
    std::string text;
    sqlite3_stmt* statement = nullptr;
    REQUIRE(sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
    if (sqlite3_step(statement) == SQLITE_ROW)
      text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    return text;
  }

 private:
  sqlite3* db_ = nullptr;
};

void MakeTable(const std::string& path) {
  Connection db(path);
  db.Run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t(x)");
}

TEST_CASE("what was synced outlives a kill, what was not is lost") {
  RegisterLossyVfs();
  const TempDir dir;
  const std::string path = dir / "test.db";
  MakeTable(path);
  RunAndKill([&] {
    sqlite3* db = nullptr;
    sqlite3_open(path.c_str(), &db);
    Execute(db, "PRAGMA synchronous=FULL; INSERT INTO t VALUES('synced')");
    Execute(db, "PRAGMA synchronous=NORMAL; INSERT INTO t VALUES('not synced')");
  });
  CHECK(Connection(path).Answer("SELECT group_concat(x) FROM t") == "synced");
}

TEST_CASE("every connection of the process sees what is not synced yet") {
  RegisterLossyVfs();
  const TempDir dir;
  const std::string path = dir / "test.db";
  MakeTable(path);
  Connection writer(path), reader(path);
  writer.Run("PRAGMA synchronous=OFF; INSERT INTO t VALUES(1), (2), (3)");
  CHECK(UnsyncedChanges() > 0);
  CHECK(reader.Answer("SELECT count(*) FROM t") == "3");
}

TEST_CASE("files closed in good order keep everything") {
  RegisterLossyVfs();
  const TempDir dir;
  const std::string path = dir / "test.db";
  MakeTable(path);
  Connection(path).Run("PRAGMA synchronous=OFF; INSERT INTO t VALUES('kept')");
  CHECK(UnsyncedChanges() == 0);
  CHECK(Connection(path).Answer("SELECT x FROM t") == "kept");
}

TEST_CASE("a checkpoint that was not synced leaves a sound database") {
  RegisterLossyVfs();
  const TempDir dir;
  const std::string path = dir / "test.db";
  MakeTable(path);
  RunAndKill([&] {
    sqlite3* db = nullptr;
    sqlite3_open(path.c_str(), &db);
    for (int i = 0; i < 200; ++i) Execute(db, "INSERT INTO t VALUES(randomblob(2000))");
    Execute(db, "PRAGMA synchronous=OFF; PRAGMA wal_checkpoint(PASSIVE); DELETE FROM t");
  });
  Connection db(path);
  CHECK(db.Answer("PRAGMA integrity_check") == "ok");
  CHECK(db.Answer("SELECT count(*) FROM t") == "200");
}

TEST_CASE("a truncation takes nothing that another process has written since") {
  RegisterLossyVfs();
  const TempDir dir;
  const std::string path = dir / "test.db";
  MakeTable(path);
  const Word go;
  const Doomed other([&] {
    sqlite3* db = nullptr;
    if (go.Await() && sqlite3_open(path.c_str(), &db) == SQLITE_OK)
      Execute(db, "PRAGMA synchronous=FULL; INSERT INTO t VALUES('theirs')");
  });
  Connection db(path);
  db.Run("PRAGMA synchronous=FULL; INSERT INTO t VALUES('mine'); PRAGMA wal_checkpoint(TRUNCATE)");
  REQUIRE(go.Give());
  other.Await();
  db.Run("INSERT INTO t VALUES('mine again')");
  CHECK(Connection(path).Answer("SELECT group_concat(x) FROM t") == "mine,theirs,mine again");
}

TEST_CASE("torn writes reach the file and damage nothing that was synced") {
  RegisterLossyVfs();
  const TempDir dir;
  const std::string path = dir / "test.db";
  MakeTable(path);
  for (int round = 1; round <= 20; ++round) {
    RunAndKill([&] {
      sqlite3* db = nullptr;
      sqlite3_open(path.c_str(), &db);
      Execute(db, "PRAGMA synchronous=FULL; INSERT INTO t VALUES('synced')");
      SetTornWrites(16);
      Execute(db, "PRAGMA synchronous=NORMAL; INSERT INTO t VALUES(randomblob(20000))");
    });
    CHECK(std::filesystem::file_size(path + "-wal") > 16'384);  // far into the second insertion
    Connection db(path);
    CHECK(db.Answer("PRAGMA integrity_check") == "ok");
    CHECK(db.Answer("SELECT count(*) FROM t WHERE x='synced'") == std::to_string(round));
    db.Run("PRAGMA wal_checkpoint(TRUNCATE)");
  }
}

TEST_CASE("what counts for an hour outlives a kill, what counts for a minute waits for no disk") {
  RegisterLossyVfs();
  const TempDir dir;
  const std::string data = dir / "data";
  const LimitPolicy hour{.name = "hour", .limit = 5, .window = std::chrono::hours(1)};
  const LimitPolicy minute{.name = "minute", .limit = 5, .window = std::chrono::minutes(1)};
  const LimitCharge of_hour{.policy = &hour, .partition = "p"},
      of_minute{.policy = &minute, .partition = "p"};
  RunAndKill([&] {
    const auto storage = SqliteStorage::Open({.directory = data});
    if (!storage.ok()) _exit(1);
    if (!(*storage)->limiter()->Take({&of_hour, 1}, nullptr).ok() || UnsyncedChanges() != 0) _exit(2);
    if (!(*storage)->limiter()->Take({&of_minute, 1}, nullptr).ok() || UnsyncedChanges() == 0) _exit(3);
    raise(SIGKILL);  // before the storage is closed
  });
  const auto storage = SqliteStorage::Open({.directory = data, .create = false});
  REQUIRE(storage.ok());
  const auto standings = (*storage)->limiter()->Peek({{of_hour, of_minute}});
  REQUIRE(standings.ok());
  CHECK(standings->at(0).remaining == 4);
  CHECK(standings->at(1).remaining == 5);
}

TEST_CASE("a storage on it keeps every record whose writing was confirmed") {
  RegisterLossyVfs();
  const TempDir dir;
  const std::string data = dir / "data";
  RunAndKill([&] {
    const auto storage = SqliteStorage::Open({.directory = data});
    if (!storage.ok()) _exit(1);
    AuditRecord record;
    record.action = "kept";
    for (int i = 0; i < 25; ++i)
      if (!(*storage)->audit()->Append(record, AuditDurability::kBefore).ok()) _exit(2);
  });
  const auto storage = SqliteStorage::Open({.directory = data, .create = false});
  REQUIRE(storage.ok());
  const AuditVerdict verdict = (*storage)->trail()->Verify();
  CHECK_MESSAGE(verdict.state == AuditVerdict::State::kIntact, verdict.detail);
  CHECK(verdict.records == 25);
}

}  // namespace
}  // namespace mcpgate::testing
