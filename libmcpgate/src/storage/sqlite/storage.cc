#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "mcpgate/sqlite.h"
#include "storage/sqlite/audit_log.h"
#include "storage/sqlite/audit_trail.h"
#include "storage/sqlite/data_directory.h"
#include "storage/sqlite/gate_book.h"
#include "storage/sqlite/keeper_thread.h"
#include "storage/sqlite/ledger_book.h"
#include "storage/sqlite/notice_book.h"
#include "storage/sqlite/task_book.h"
#include "storage/sqlite/vault_book.h"
#include "storage/sqlite/writer_options.h"

namespace mcpgate {
namespace {

using namespace sqlite;  // NOLINT: the whole file is the wiring of that namespace

// Four times SQLite's own: the trail only grows at its end, and every page costs a call of the system when it
// is logged and two more when it is moved into the file.
constexpr int kAuditPage = 16 << 10;

absl::StatusOr<std::shared_ptr<GateBook>> OpenGate(const SqliteOptions& options) {
  auto book = std::make_shared<GateBook>(*options.clock);
  GroupWriterOptions writing = WriterOptions(options, "gate.db");
  const std::string path = writing.path;
  absl::StatusOr<std::unique_ptr<RevisionWord>> revision =
      RevisionWord::Map(options.directory + "/revision", path + ".lock");
  if (!revision.ok()) return revision.status();
  book->revision = *std::move(revision);
  book->tables.UseRevision(book->revision.get());
  absl::StatusOr<std::unique_ptr<GroupWriter>> writer = GroupWriter::Start(std::move(writing), book->tables);
  if (!writer.ok()) return writer.status();
  book->writer = *std::move(writer);
  if (absl::Status status = book->writer->Health(); !status.ok()) return status;
  absl::StatusOr<std::unique_ptr<GateReader>> reader = GateReader::Open(path, options.deadline);
  if (!reader.ok()) return reader.status();
  book->reader = *std::move(reader);
  return book;
}

absl::StatusOr<std::shared_ptr<AuditBook>> OpenAudit(const SqliteOptions& options, const Secret& root_key,
                                                     GateBook& gate) {
  const absl::StatusOr<bool> expected = gate.reader->RemembersTrail();
  if (!expected.ok()) return expected.status();
  auto book = std::make_shared<AuditBook>(root_key, *options.clock);
  if (*expected) book->table.ExpectTrail();
  GroupWriterOptions writing = WriterOptions(options, "audit.db");
  writing.page_size = kAuditPage;
  absl::StatusOr<std::unique_ptr<GroupWriter>> writer = GroupWriter::Start(std::move(writing), book->table);
  if (!writer.ok()) return writer.status();
  book->writer = *std::move(writer);
  if (!*expected) {
    if (absl::Status status = RememberTrail(gate); !status.ok()) return status;
  }
  return book;
}

// Null when there is nothing to keep.
std::unique_ptr<KeeperThread> StartKeeper(const SqliteOptions& options, const Secret& root_key,
                                          std::shared_ptr<AuditBook> book) {
  const AuditKeeping& keeping = options.keeping;
  if (keeping.checkpoints.empty() && !keeping.retention) return nullptr;
  constexpr Nanos kShortest = std::chrono::milliseconds(50), kLongest = std::chrono::seconds(1);
  return std::make_unique<KeeperThread>(
      std::make_unique<AuditKeeper>(options.directory + "/audit.db", root_key, keeping, options.deadline,
                                    *options.clock, std::move(book)),
      std::clamp(keeping.checkpoint_every / 4, kShortest, kLongest), options.log);
}

// A book that is only a table and its writer: budget.db, notices.db, vault.db.
template <typename Book>
absl::StatusOr<std::shared_ptr<Book>> OpenBook(const SqliteOptions& options, std::string_view file) {
  auto book = std::make_shared<Book>(*options.clock);
  GroupWriterOptions writing = WriterOptions(options, file);
  writing.linger = Nanos(0);
  absl::StatusOr<std::unique_ptr<GroupWriter>> writer = GroupWriter::Start(std::move(writing), book->table);
  if (!writer.ok()) return writer.status();
  book->writer = *std::move(writer);
  if (absl::Status status = book->writer->Health(); !status.ok()) return status;
  return book;
}

// Opens the book when it is first asked for. Safe for concurrent use.
template <typename Book>
class LazyBook {
 public:
  LazyBook(const SqliteOptions& options, std::string_view file) : options_(options), file_(file) {}
  absl::StatusOr<std::shared_ptr<Book>> Open() {
    MutexLock lock(mutex_);
    if (book_ != nullptr) return book_;
    absl::StatusOr<std::shared_ptr<Book>> book = OpenBook<Book>(options_, file_);
    if (book.ok()) book_ = *book;
    return book;
  }
  void Close() {
    MutexLock lock(mutex_);
    if (book_ != nullptr) book_->writer->Stop();
  }

 private:
  const SqliteOptions& options_;
  const std::string_view file_;
  Mutex mutex_;
  std::shared_ptr<Book> book_ MCPGATE_GUARDED_BY(mutex_);
};

// Safe for concurrent use. What it hands out shares the books, so it may outlive the storage: then it
// refuses.
class OpenStorage : public SqliteStorage {
 public:
  OpenStorage(const SqliteOptions& options, Secret root_key, std::shared_ptr<GateBook> gate,
              std::shared_ptr<AuditBook> audit)
      : options_(options),
        root_key_(std::move(root_key)),
        gate_(std::move(gate)),
        audit_(std::move(audit)),
        keys_(NewKeyStore(gate_)),
        limiter_(NewLimiter(gate_)),
        log_(NewAuditLog(audit_, options.audit_queue)),
        trail_(NewAuditTrail(options.directory + "/audit.db", root_key_, options.deadline)),
        // Once the writer is well its table is attached for good; before, its thread may be at it.
        repaired_(audit_->writer->Health().ok() ? audit_->table.repaired() : ""),
        keeper_(StartKeeper(options_, root_key_, audit_)),
        task_file_(std::make_shared<TaskFile>(options_)),
        tasks_(NewTaskStore(task_file_)) {}

  ~OpenStorage() override {
    (void)ReturnLeases(*gate_);
    // Before its last checkpoint is made everything is written.
    if (keeper_ != nullptr) (void)log_->Flush();
    keeper_.reset();
    gate_->writer->Stop();
    audit_->writer->Stop();
    task_file_->Close();
    budget_.Close();
    notices_.Close();
    vault_.Close();
  }

  const Secret& root_key() const override { return root_key_; }
  std::shared_ptr<KeyStore> keys() override { return keys_; }
  std::shared_ptr<RateLimiter> limiter() override { return limiter_; }
  std::shared_ptr<AuditSink> audit() override { return log_; }
  std::shared_ptr<AuditTrail> trail() override { return trail_; }
  std::shared_ptr<TaskStore> tasks() override { return tasks_; }
  absl::StatusOr<std::shared_ptr<Ledger>> ledger(LedgerOptions options) override {
    if (absl::Status bad = ValidateBudgetRules(options.rules); !bad.ok()) return bad;
    options.clock = options_.clock;
    absl::StatusOr<std::shared_ptr<LedgerBook>> book = budget_.Open();
    if (!book.ok()) return book.status();
    return std::shared_ptr<Ledger>(NewLedger(*std::move(book), std::move(options)));
  }
  absl::StatusOr<std::shared_ptr<NoticeOutbox>> notices() override {
    absl::StatusOr<std::shared_ptr<NoticeBook>> book = notices_.Open();
    if (!book.ok()) return book.status();
    return NewNoticeOutbox(*std::move(book));
  }
  absl::StatusOr<std::shared_ptr<VaultStore>> vault() override {
    absl::StatusOr<std::shared_ptr<VaultBook>> book = vault_.Open();
    if (!book.ok()) return book.status();
    return NewVaultStore(*std::move(book));
  }
  absl::Status Health() override {
    absl::Status status = gate_->writer->Health();
    status.Update(audit_->writer->Health());
    return status;
  }
  std::string_view repaired() const override { return repaired_; }

 private:
  const SqliteOptions options_;
  const Secret root_key_;
  const std::shared_ptr<GateBook> gate_;
  const std::shared_ptr<AuditBook> audit_;
  const std::shared_ptr<KeyStore> keys_;
  const std::shared_ptr<RateLimiter> limiter_;
  const std::shared_ptr<AuditSink> log_;
  const std::shared_ptr<AuditTrail> trail_;
  const std::string repaired_;
  std::unique_ptr<KeeperThread> keeper_;
  const std::shared_ptr<TaskFile> task_file_;
  const std::shared_ptr<TaskStore> tasks_;
  LazyBook<LedgerBook> budget_{options_, "budget.db"};
  LazyBook<NoticeBook> notices_{options_, "notices.db"};
  LazyBook<VaultBook> vault_{options_, "vault.db"};
};

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteStorage>> SqliteStorage::Open(SqliteOptions options) {
  if (options.clock == nullptr) return absl::InvalidArgumentError("SqliteOptions::clock: missing");
  if (absl::Status status = PrepareDirectory(options.directory, options.create); !status.ok()) return status;
  absl::StatusOr<Secret> root_key = LoadRootKey(options.directory, options.create);
  if (!root_key.ok()) return root_key.status();
  absl::StatusOr<std::shared_ptr<GateBook>> gate = OpenGate(options);
  if (!gate.ok()) return gate.status();
  absl::StatusOr<std::shared_ptr<AuditBook>> audit = OpenAudit(options, *root_key, **gate);
  if (!audit.ok()) return audit.status();
  return std::make_unique<OpenStorage>(options, *std::move(root_key), *std::move(gate), *std::move(audit));
}

std::string SqliteVersion() { return sqlite3_libversion(); }

}  // namespace mcpgate
