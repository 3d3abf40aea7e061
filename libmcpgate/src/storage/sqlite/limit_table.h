// File: storage/sqlite/limit_table.h
//
// The writer's side of limits: judging and charging inside the group's transaction.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/clock.h"
#include "mcpgate/rate_limiter.h"
#include "storage/sqlite/database.h"
#include "storage/sqlite/lease_purse.h"
#include "storage/sqlite/stored_cell.h"

namespace mcpgate::sqlite {

extern const char* const kLimitSchema;
extern const char* const kLimitAgeIndex;
inline constexpr std::string_view kSelectCell =
    "SELECT form, numbers FROM limits WHERE policy=?1 AND part=?2";

/// The cell that `select` (of kSelectCell) finds, a fresh one when there is none, adapted to the policy.
/// `changed`, when given, says whether adapting changed it.
absl::StatusOr<StoredCell> LoadCell(Statement& select, const LimitPolicy& policy, std::string_view partition,
                                    std::int64_t now, bool* changed = nullptr);

/// One policy of a call, copied, because the call may give up waiting.
struct LimitLine {
  const LimitPolicy* origin = nullptr;  ///< the caller's; handed back, never looked at
  LimitPolicy policy;
  std::string partition;
  std::int64_t cost = 1;
};

/// What `Take` decided.
struct LimitAnswer {
  LimitDecision decision;
  std::vector<std::int64_t> tokens;     ///< one a line, when allowed
  std::vector<std::int64_t> remaining;  ///< the same
};

/// LimitTable
///
/// Not thread-safe; the writer's. Shares the purse with the callers.
class LimitTable {
 public:
  LimitTable(const Clock& clock, LeasePurse& purse) : clock_(clock), purse_(purse) {}

  absl::Status Attach(Database& db);
  /// All lines or none.
  absl::StatusOr<LimitAnswer> Take(const std::vector<LimitLine>& lines);
  absl::Status Return(const std::vector<Leftover>& units);
  absl::Status EndGroup();
  void GroupEnded(bool committed);

 private:
  // Where the units of one line came from.
  struct Draw {
    enum class From : std::uint8_t { kPurse, kGroup, kStore } from = From::kStore;
    std::size_t index = 0;  // of leases_ or of the cells being worked on
    std::int64_t token = 0;
    LimitVerdict verdict;
  };
  struct WorkingCell {
    const LimitLine* line = nullptr;
    StoredCell cell;
    bool adapted = false;
    std::int64_t leased = 0, token = 0;  // a lease to hand out once all lines are allowed
  };
  // A lease of this group: real when the group is committed.
  struct NewLease {
    LimitPolicy policy;
    std::string partition;
    Lease lease;
  };
  struct PurseDraw {
    LimitPolicy policy;
    std::string partition;
    std::int64_t token = 0, units = 0;
  };

  absl::StatusOr<Draw> DrawLine(const LimitLine& line, Instant now, std::vector<WorkingCell>& cells);
  bool DrawFromPurse(const LimitLine& line, Instant now, Draw& draw);
  bool DrawFromGroup(const LimitLine& line, Draw& draw);
  absl::StatusOr<Draw> DrawFromStore(const LimitLine& line, std::int64_t now,
                                     std::vector<WorkingCell>& cells);
  absl::StatusOr<std::size_t> FindCell(const LimitLine& line, std::int64_t now,
                                       std::vector<WorkingCell>& cells);
  void PutBack(const LimitLine& line, const Draw& draw, Instant now);
  absl::Status ReturnLeftovers(const std::vector<LimitLine>& lines, Instant now);
  absl::Status Keep(const std::vector<WorkingCell>& cells, Instant now);
  absl::Status KeepAdapted(const std::vector<WorkingCell>& cells, Instant now);
  absl::Status Save(const LimitPolicy& policy, std::string_view partition, const StoredCell& cell,
                    std::int64_t now);

  const Clock& clock_;
  LeasePurse& purse_;
  Statement select_, save_, sweep_;
  std::vector<NewLease> leases_;        ///< of this group
  std::vector<PurseDraw> purse_draws_;  ///< of this group
  std::uint64_t saves_ = 0, swept_at_ = 0;
};

}  // namespace mcpgate::sqlite
