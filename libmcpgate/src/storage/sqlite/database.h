// File: storage/sqlite/database.h
//
// SQLite's C handles with owners, and its result codes as Status.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/clock.h"

namespace mcpgate::sqlite {

/// `code` with the file's name and what to do. Unavailable: busy, full, I/O. DataLoss: the file is malformed.
absl::Status ErrorOf(sqlite3* db, int code);

/// Whether the store itself failed, so that whatever else is asked of it now fails as well.
inline bool IsStoreFailure(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDataLoss(status);
}

/// Statement
///
/// One prepared statement. Bound text and blobs are not copied: they must live until the statement is reset.
/// Not thread-safe; used by whoever uses its Database.
class Statement {
 public:
  Statement() = default;
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  Statement& Bind(int index, std::int64_t value);
  Statement& BindText(int index, std::string_view text);
  Statement& BindBlob(int index, std::string_view bytes);

  /// True: a row is there. False: done.
  absl::StatusOr<bool> Step();
  /// Steps to the end and resets.
  absl::Status Run();
  void Reset() { sqlite3_reset(statement_.get()); }

  // The column, when its stored type is exactly this one. Views hold until the next step or reset.
  std::optional<std::int64_t> Integer(int column) const;
  std::optional<std::string_view> Text(int column) const;
  std::optional<std::string_view> Blob(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// Resets a statement at the end of a scope, so that no early return leaves a read transaction open.
class ResetAtEnd {
 public:
  explicit ResetAtEnd(Statement& statement) : statement_(statement) {}
  ~ResetAtEnd() { statement_.Reset(); }
  ResetAtEnd(const ResetAtEnd&) = delete;
  ResetAtEnd& operator=(const ResetAtEnd&) = delete;

 private:
  Statement& statement_;
};

/// Database
///
/// One connection. Never checkpoints by itself, neither at a commit nor when it is closed. Not thread-safe.
class Database {
 public:
  enum class Mode { kWrite, kRead };

  /// An existing file. `busy` is how long to wait for a lock of SQLite's own, which only tools that do not
  /// know our lock file can hold. An empty file gets pages of `page_size` bytes.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path, Mode mode, Nanos busy,
                                                        int page_size = 4096);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  absl::Status Execute(const char* sql);
  absl::StatusOr<Statement> Prepare(std::string_view sql);
  /// The single integer that `sql` answers.
  absl::StatusOr<std::int64_t> Number(std::string_view sql);
  /// Rows the last INSERT, UPDATE or DELETE changed.
  std::int64_t Changes() const;
  bool InTransaction() const;
  /// Whether a commit waits until the disk has it (at first it does), and so outlives the machine's losing
  /// power. Without, it outlives the process, and what is lost with the power is the newest of the log.
  /// Outside a transaction.
  absl::Status SetSync(bool does_sync);
  /// The file's name without its directory, for messages.
  std::string name() const;
  /// Unavailable when the file at the path is no longer the one that is open.
  absl::Status StillThere() const;

  /// Pages in the write-ahead log after the last commit of this connection.
  int wal_pages() const { return wal_pages_; }
  /// Copies what it can of the log into the database file, without waiting for readers; true when all of it
  /// was. `truncate` also empties the log, as the last act of this connection.
  absl::StatusOr<bool> Checkpoint(bool truncate);

 private:
  explicit Database(sqlite3* db) : db_(db) {}
  absl::Status Configure(Mode mode, Nanos busy, int page_size);

  sqlite3* const db_;
  int wal_pages_ = 0;
  bool does_sync_ = true;
};

}  // namespace mcpgate::sqlite
