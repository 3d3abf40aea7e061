#include "storage/sqlite/database.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace mcpgate::sqlite {
namespace {

std::string FileName(sqlite3* db) {
  const char* path = sqlite3_db_filename(db, "main");
  const std::string_view text = path == nullptr ? "" : path;
  return std::string(text.substr(text.rfind('/') + 1));
}

std::string_view Advice(int primary) {
  switch (primary) {
    case SQLITE_FULL:
      return "; free space on its disk";
    case SQLITE_IOERR:
      return "; check its disk";
    case SQLITE_BUSY:
      return "; another program holds it, close that";
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return "; make the file and its directory writable for this user";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "; restore it from a backup, or move it aside";
    default:
      return "";
  }
}

absl::StatusCode CodeOf(int primary) {
  switch (primary) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_PROTOCOL:
    case SQLITE_NOMEM:
    case SQLITE_INTERRUPT:
      return absl::StatusCode::kUnavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::StatusCode::kDataLoss;
    default:
      return absl::StatusCode::kInternal;
  }
}

int CountPages(void* pages, sqlite3*, const char*, int in_log) {
  *static_cast<int*>(pages) = in_log;
  return SQLITE_OK;
}

}  // namespace

absl::Status ErrorOf(sqlite3* db, int code) {
  const int primary = code & 0xff;
  std::string reason = db != nullptr && sqlite3_extended_errcode(db) == code ? sqlite3_errmsg(db) : "";
  if (reason.empty()) reason = sqlite3_errstr(code);
  if (primary == SQLITE_IOERR && db != nullptr && sqlite3_system_errno(db) != 0)
    reason += fmt::format(" ({})", std::strerror(sqlite3_system_errno(db)));
  return absl::Status(CodeOf(primary),
                      fmt::format("{}: {} [{}]{}", FileName(db), reason, code, Advice(primary)));
}

Statement& Statement::Bind(int index, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), index, value);
  return *this;
}

Statement& Statement::BindText(int index, std::string_view text) {
  const char* data = text.data() == nullptr ? "" : text.data();
  sqlite3_bind_text64(statement_.get(), index, data, text.size(), nullptr, SQLITE_UTF8);
  return *this;
}

Statement& Statement::BindBlob(int index, std::string_view bytes) {
  const char* data = bytes.data() == nullptr ? "" : bytes.data();
  sqlite3_bind_blob64(statement_.get(), index, data, bytes.size(), nullptr);
  return *this;
}

absl::StatusOr<bool> Statement::Step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return ErrorOf(sqlite3_db_handle(statement_.get()), code);
}

absl::Status Statement::Run() {
  ResetAtEnd reset(*this);
  absl::StatusOr<bool> row = true;
  while (row.ok() && *row) row = Step();
  return row.status();
}

std::optional<std::int64_t> Statement::Integer(int column) const {
  if (sqlite3_column_type(statement_.get(), column) != SQLITE_INTEGER) return std::nullopt;
  return sqlite3_column_int64(statement_.get(), column);
}

std::optional<std::string_view> Statement::Text(int column) const {
  if (sqlite3_column_type(statement_.get(), column) != SQLITE_TEXT) return std::nullopt;
  const unsigned char* text = sqlite3_column_text(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  if (text == nullptr) return std::nullopt;
  return std::string_view(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
}

std::optional<std::string_view> Statement::Blob(int column) const {
  if (sqlite3_column_type(statement_.get(), column) != SQLITE_BLOB) return std::nullopt;
  const void* bytes = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  if (bytes == nullptr) return size == 0 ? std::optional<std::string_view>("") : std::nullopt;
  return std::string_view(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& path, Mode mode, Nanos busy,
                                                         int page_size) {
  const int access = mode == Mode::kWrite ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(
      path.c_str(), &handle, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE,
      nullptr);
  std::unique_ptr<Database> database(new Database(handle));
  if (code != SQLITE_OK) return ErrorOf(handle, code);
  if (absl::Status status = database->Configure(mode, busy, page_size); !status.ok()) return status;
  return database;
}

Database::~Database() { sqlite3_close_v2(db_); }

absl::Status Database::Configure(Mode mode, Nanos busy, int page_size) {
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(busy).count();
  sqlite3_busy_timeout(db_, static_cast<int>(std::clamp<std::int64_t>(millis, 1, 60'000)));
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_wal_hook(db_, &CountPages, &wal_pages_);  // also takes the place of the automatic checkpoint
  if (absl::Status status = Execute("PRAGMA cell_size_check=ON; PRAGMA synchronous=FULL"); !status.ok())
    return status;
  if (mode == Mode::kRead) return Execute("PRAGMA query_only=ON");
  // A writer comes back to few pages; the system keeps the rest in memory anyway.
  return Execute(
      fmt::format("PRAGMA page_size={}; PRAGMA cache_size=-1000; PRAGMA journal_mode=WAL", page_size)
          .c_str());
}

absl::Status Database::SetSync(bool does_sync) {
  if (does_sync == does_sync_) return absl::OkStatus();
  absl::Status status = Execute(does_sync ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
  if (status.ok()) does_sync_ = does_sync;
  return status;
}

absl::Status Database::Execute(const char* sql) {
  const int code = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : ErrorOf(db_, code);
}

absl::StatusOr<Statement> Database::Prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return ErrorOf(db_, code);
  return Statement(statement);
}

absl::StatusOr<std::int64_t> Database::Number(std::string_view sql) {
  absl::StatusOr<Statement> statement = Prepare(sql);
  if (!statement.ok()) return statement.status();
  absl::StatusOr<bool> row = statement->Step();
  if (!row.ok()) return row.status();
  const std::optional<std::int64_t> number = *row ? statement->Integer(0) : std::nullopt;
  if (!number) return absl::DataLossError(fmt::format("{}: no number from {}", name(), sql));
  return *number;
}

std::int64_t Database::Changes() const { return sqlite3_changes64(db_); }

std::string Database::name() const { return FileName(db_); }

bool Database::InTransaction() const { return sqlite3_get_autocommit(db_) == 0; }

absl::Status Database::StillThere() const {
  int moved = 0;
  const int code = sqlite3_file_control(db_, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  if (code == SQLITE_OK && moved == 0) return absl::OkStatus();
  return absl::UnavailableError(
      fmt::format("{}: the file was moved or deleted while open; put it back, or restart", name()));
}

absl::StatusOr<bool> Database::Checkpoint(bool truncate) {
  int in_log = 0;
  int copied = 0;
  const int how = truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
  if (truncate) sqlite3_busy_timeout(db_, 0);
  const int code = sqlite3_wal_checkpoint_v2(db_, "main", how, &in_log, &copied);
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) return ErrorOf(db_, code);
  return code == SQLITE_OK && in_log == copied;
}

}  // namespace mcpgate::sqlite
