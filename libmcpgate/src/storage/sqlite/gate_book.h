// File: storage/sqlite/gate_book.h
//
// Everything about gate.db: its tables, their writer, and a connection to read.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "mcpgate/key_store.h"
#include "storage/sqlite/group_writer.h"
#include "storage/sqlite/key_table.h"
#include "storage/sqlite/lease_purse.h"
#include "storage/sqlite/limit_table.h"
#include "storage/sqlite/revision_word.h"

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

  absl::Status InsertKey(const KeyRecord& record);
  absl::Status UpdateKey(const KeyRecord& record);
  /// Remembers that this directory has a trail, so that its loss is noticed.
  absl::Status RememberTrail() { return remember_trail_.Run(); }
  LimitTable& limits() { return limits_; }

 private:
  RevisionWord* revision_ = nullptr;
  Statement remember_trail_;
  KeyTable keys_;
  LimitTable limits_;
};

/// GateReader
///
/// Reads beside the writer. Safe for concurrent use.
class GateReader {
 public:
  static absl::StatusOr<std::unique_ptr<GateReader>> Open(const std::string& path, Nanos busy);
  absl::StatusOr<std::optional<KeyRecord>> FindKey(std::string_view id);
  absl::StatusOr<std::vector<StoredKey>> ListKeys(std::string_view after, std::size_t limit);
  absl::StatusOr<bool> RemembersTrail();
  absl::StatusOr<StoredCell> FindCell(const LimitPolicy& policy, std::string_view partition,
                                      std::int64_t now);

 private:
  explicit GateReader(std::unique_ptr<Database> db) : db_(std::move(db)) {}
  absl::Status Prepare();

  Mutex mutex_;
  const std::unique_ptr<Database> db_ MCPGATE_PT_GUARDED_BY(mutex_);
  Statement find_key_ MCPGATE_GUARDED_BY(mutex_);
  Statement list_keys_ MCPGATE_GUARDED_BY(mutex_);
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
