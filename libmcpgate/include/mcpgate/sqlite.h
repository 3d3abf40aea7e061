// File: sqlite.h
//
// Keys, limits and audit in one data directory, shared by every mcpgate process that opens it (component
// "sqlite").
//
//   gate.db   keys, counters of windows of a minute and more      audit.db  the chained trail
//   tasks.db  tasks and their results, once a server keeps them there
//   budget.db what was spent, and what calls under way have reserved, once there are budgets
//   root.key  32 random bytes, 0600                               revision  a mapped word: "keys may have
//   changed"
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/audit.h"
#include "mcpgate/audit_checkpoint.h"
#include "mcpgate/audit_trail.h"
#include "mcpgate/clock.h"
#include "mcpgate/export.h"
#include "mcpgate/key_store.h"
#include "mcpgate/ledger.h"
#include "mcpgate/notice.h"
#include "mcpgate/rate_limiter.h"
#include "mcpgate/secret.h"
#include "mcpgate/task_store.h"
#include "mcpgate/vault.h"

namespace mcpgate {

/// What a process does with the written trail, beside the calls. One thread, none when there is nothing to
/// do.
struct AuditKeeping {
  /// Where signed checkpoints go; none are made when there is no place.
  std::vector<CheckpointSink> checkpoints{};
  std::uint64_t checkpoint_records = 1024;            ///< one after so many records ...
  Nanos checkpoint_every = std::chrono::seconds(60);  ///< ... or so long after the last one, if there are any
  /// Records older than this are removed, whole segments at a time. What stays of a segment is its signed
  /// header, so the chain can be verified on.
  std::optional<Nanos> retention{};
  // A segment is closed when one of these is reached.
  std::uint64_t segment_records = 65536;
  std::uint64_t segment_bytes = 64u << 20;
  Nanos segment_every = std::chrono::hours(24);
};

struct SqliteOptions {
  std::string directory{};                   ///< made with mode 0700 when missing
  bool create = true;                        ///< false: NotFound when the directory holds no store yet
  Nanos deadline = std::chrono::seconds(2);  ///< for one durable write, waiting for other processes included
  Nanos audit_linger =
      std::chrono::milliseconds(20);  ///< a queued record waits this long for company; at most 50 ms
  std::size_t audit_queue = 65536;    ///< records; see AuditSink for what happens when full
  AuditKeeping keeping{};
  TaskStoreLimits tasks{};
  /// One line when the store stops answering and one when it answers again. Called without locks held.
  std::function<void(std::string_view)> log{};
  const Clock* clock = &Clock::System();
};

/// SqliteStorage
///
/// Writes are grouped: one writer thread a database, many rows a commit, `synchronous=FULL`. Writers and
/// checkpoints of all processes are serialised by a lock file beside each database. Safe for concurrent use.
class MCPGATE_EXPORT SqliteStorage {
 public:
  /// FailedPrecondition when the directory is not a directory, belongs to somebody else or can be read by
  /// others.
  static absl::StatusOr<std::unique_ptr<SqliteStorage>> Open(SqliteOptions options);
  virtual ~SqliteStorage() = default;  ///< flushes and stops the writers

  /// The root secret of the directory; keys for pepper, row MACs, audit chain and cursors are derived from
  /// it.
  virtual const Secret& root_key() const = 0;
  virtual std::shared_ptr<KeyStore> keys() = 0;
  virtual std::shared_ptr<RateLimiter> limiter() = 0;
  virtual std::shared_ptr<AuditSink> audit() = 0;
  virtual std::shared_ptr<AuditTrail> trail() = 0;
  /// Opens tasks.db when a task is first kept or looked for, and makes it when the first is kept; `log` hears
  /// when that fails. A task whose process has died is known to be alone at once; every process on the
  /// directory can find every task. Results lie there as they were told, readable for whoever may read the
  /// directory.
  virtual std::shared_ptr<TaskStore> tasks() = 0;
  /// Opens budget.db at the first call, and makes it when it is missing. `options.clock` is the storage's.
  /// InvalidArgument when a rule is malformed. What is reserved is durable before the answer.
  virtual absl::StatusOr<std::shared_ptr<Ledger>> ledger(LedgerOptions options) = 0;
  /// Opens notices.db at the first call, and makes it when it is missing.
  virtual absl::StatusOr<std::shared_ptr<NoticeOutbox>> notices() = 0;
  /// Opens vault.db at the first call, and makes it when it is missing. For `Vault::Open`, with a key derived
  /// from `root_key` (DeriveSecret(root_key, "vault")).
  virtual absl::StatusOr<std::shared_ptr<VaultStore>> vault() = 0;
  /// OK, or why the store does not work now; for health checks. Does not wait for writers.
  virtual absl::Status Health() = 0;
  /// What was repaired at opening ("audit.db: a torn tail of 3 records ..."); empty when nothing was.
  virtual std::string_view repaired() const = 0;
};

/// What `CheckSqliteFiles` found of one database.
struct SqliteFileCheck {
  std::string name{};   ///< "gate.db"
  int schema = 0;       ///< the version of what is in it
  int knows = 0;        ///< the version that this library makes
  absl::Status status;  ///< OK, DataLoss with the first thing that is wrong, or why it could not be read
};
/// Reads the databases of a directory from end to end, beside whoever uses them, and changes nothing. Takes
/// as long as the disk does. A file that is not there is left out.
MCPGATE_EXPORT std::vector<SqliteFileCheck> CheckSqliteFiles(const std::string& directory);

/// The library's version as linked, "3.40.1".
MCPGATE_EXPORT std::string SqliteVersion();

}  // namespace mcpgate
