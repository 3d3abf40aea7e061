// File: storage/sqlite/audit_table.h
//
// The writer's end of the trail.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "mcpgate/audit.h"
#include "mcpgate/clock.h"
#include "storage/sqlite/audit_chain.h"
#include "storage/sqlite/group_writer.h"

namespace mcpgate::sqlite {

/// AuditTable
///
/// Extends the chain inside the writer's transactions. The head is read anew in each of them, so several
/// processes extend one chain. Not thread-safe, except where said.
class AuditTable : public Tables {
 public:
  AuditTable(const AuditChain& chain, const Clock& clock) : chain_(chain), clock_(clock) {}

  /// Before the writer starts: there was a trail in this directory, so an empty file has lost it.
  void ExpectTrail() { expected_ = true; }

  absl::Status Attach(Database& db) override;
  absl::Status BeginGroup() override;
  absl::Status EndGroup() override;
  void GroupEnded(bool committed) override;

  absl::Status Append(const AuditRecord& record);
  /// Keeps the header of a closed segment; one that is there already stays.
  absl::Status CloseSegment(std::uint64_t last, std::string_view header);
  /// From now on the trail begins after `end`, the last record of a segment, and a record says so. The rows
  /// are still there, but nobody sees them. AlreadyExists when it begins there or later.
  absl::Status Retire(const ChainHead& end);
  /// Removes at most `rows` rows that nobody sees; NotFound when there are none.
  absl::Status Sweep(std::int64_t rows);
  /// Counts records that were not accepted; the next group tells how many. True for the first of them. Safe
  /// for concurrent use.
  bool CountLost(std::uint64_t records = 1) { return lost_.fetch_add(records) == 0; }
  /// What was mended at opening, empty when nothing was.
  const std::string& repaired() const { return repaired_; }

 private:
  struct TornTail {
    std::uint64_t from = 0, kept = 0, removed = 0;
  };
  absl::Status AppendSystem(std::string_view action, std::string_view reason,
                            std::vector<std::pair<std::string, std::string>> fields);
  absl::Status WriteHead();
  absl::Status MendIfNeeded(Database& db, bool is_new);
  absl::Status MendTail(Database& db);
  absl::Status BeginAnew();
  absl::StatusOr<TornTail> AdoptTail(Database& db);

  const AuditChain& chain_;
  const Clock& clock_;
  Statement insert_, select_head_, update_head_, insert_segment_, select_base_, update_base_, sweep_;
  Database* db_ = nullptr;
  ChainHead head_;
  std::string body_;
  std::string repaired_;
  bool expected_ = false;
  std::uint64_t told_lost_ = 0;  ///< of lost_, how many this group tells
  std::atomic<std::uint64_t> lost_{0};
};

}  // namespace mcpgate::sqlite
