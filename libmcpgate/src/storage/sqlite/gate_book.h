// File: storage/sqlite/gate_book.h
//
// Everything about gate.db: its tables, their writer, and a connection to read.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "mcpgate/key_store.h"
#include "storage/sqlite/group_writer.h"
#include "storage/sqlite/key_reader.h"
#include "storage/sqlite/key_table.h"
#include "storage/sqlite/lease_purse.h"
#include "storage/sqlite/limit_table.h"
#include "storage/sqlite/person_table.h"
#include "storage/sqlite/revision_word.h"
#include "storage/sqlite/use_table.h"

namespace mcpgate::sqlite {

/// Keys and limits in one file. Not thread-safe; the writer's.
class GateTables : public Tables {
 public:
  GateTables(const Clock& clock, LeasePurse& purse) : limits_(clock, purse) {}
  /// Before the writer starts.
  void UseRevision(RevisionWord* revision) { revision_ = revision; }

  absl::Status Attach(Database& db) override;
  absl::Status BeginGroup() override { return absl::OkStatus(); }
  absl::Status EndGroup() override { return limits_.EndGroup(); }
  void GroupEnded(bool committed) override;

  absl::Status ApplyRows(std::span<const RowChange> changes);
  /// Moves no revision.
  absl::Status Forget(std::span<const KeyRecord> rows);
  /// Moves no revision.
  absl::Status NoteUses(std::span<const KeyUse> uses) { return uses_.Note(uses); }
  /// Remembers that this directory has a trail, so that its loss is noticed.
  absl::Status RememberTrail() { return remember_trail_.Run(); }
  LimitTable& limits() { return limits_; }

 private:
  absl::Status ApplyRow(const RowChange& change);
  /// `change` of each of `rows`, or of none.
  template <typename Row, typename Change>
  absl::Status AllOrNone(std::span<const Row> rows, Change change);

  RevisionWord* revision_ = nullptr;
  Statement remember_trail_, save_, undo_, release_;
  KeyTable keys_;
  PersonTable people_;
  UseTable uses_;
  LimitTable limits_;
};

/// GateReader
///
/// Reads beside the writer. Safe for concurrent use.
class GateReader {
 public:
  static absl::StatusOr<std::unique_ptr<GateReader>> Open(const std::string& path, Nanos busy);
  /// `ask` runs alone, with the readers of the tables.
  template <typename Ask>
  auto Keys(Ask ask) {
    MutexLock lock(mutex_);
    return ask(keys_);
  }
  template <typename Ask>
  auto People(Ask ask) {
    MutexLock lock(mutex_);
    return ask(people_);
  }
  absl::StatusOr<bool> RemembersTrail();
  absl::StatusOr<StoredCell> FindCell(const LimitPolicy& policy, std::string_view partition,
                                      std::int64_t now);

 private:
  explicit GateReader(std::unique_ptr<Database> db) : db_(std::move(db)) {}
  absl::Status Prepare();

  Mutex mutex_;
  const std::unique_ptr<Database> db_ MCPGATE_PT_GUARDED_BY(mutex_);
  KeyReader keys_ MCPGATE_GUARDED_BY(mutex_);
  PersonReader people_ MCPGATE_GUARDED_BY(mutex_);
  Statement find_cell_ MCPGATE_GUARDED_BY(mutex_);
  Statement find_trail_ MCPGATE_GUARDED_BY(mutex_);
};

struct GateBook {
  GateBook(const Clock& time) : clock(time), tables(time, purse) {}
  const Clock& clock;
  std::unique_ptr<RevisionWord> revision;
  LeasePurse purse;
  GateTables tables;
  std::unique_ptr<GateReader> reader;
  std::unique_ptr<GroupWriter> writer;  ///< last, so that it stops first
};

std::unique_ptr<KeyStore> NewKeyStore(std::shared_ptr<GateBook> book);
std::unique_ptr<RateLimiter> NewLimiter(std::shared_ptr<GateBook> book);
/// See GateTables::RememberTrail.
absl::Status RememberTrail(GateBook& book);
/// Gives back what was leased and not spent.
absl::Status ReturnLeases(GateBook& book);

}  // namespace mcpgate::sqlite
