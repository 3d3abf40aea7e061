// File: limit_rules.h
//
// The algorithms as pure functions of a cell, for whoever keeps cells: this library's memory, a database,
// your own RateLimiter. A cell is a short list of numbers; how it is stored is the keeper's business.
#pragma once

#include <cstdint>
#include <vector>

#include "mcpgate/clock.h"
#include "mcpgate/export.h"
#include "mcpgate/rate_limiter.h"

namespace mcpgate {

/// The counter of one policy for one partition. Meaning of `marks`, in nanoseconds of the keeper's clock:
///   kExact, kIdleReset   the admissions that still count (a few that no longer do may linger), oldest
///                        first, one entry a unit
///   kConcurrency         the same of the units that are held
///   kSegmented           pairs, oldest first: the end of a cell (a 64th of the window), the units in it
///   kGcra                two entries: the theoretical arrival time (TAT), and what is left of it beyond
///                        whole nanoseconds in 1/limit of one, so that nothing is ever rounded
/// An empty cell is a fresh one. Keepers read the clock while they hold the cell, so that marks never run
/// ahead of it by mere concurrency.
struct LimitCell {
  std::vector<std::int64_t> marks{};
};

struct LimitVerdict {
  bool allowed = true;
  std::int64_t remaining = 0;  ///< units left after the charge when allowed, else now
  Nanos retry_after{0};        ///< exact; Nanos::max() when `cost` can never be admitted
};

/// What the policy says to `cost` units at `now`. Changes nothing. A mark later than `now` (the clock was set
/// back) counts as one made at `now`, see RewindLimit.
MCPGATE_EXPORT LimitVerdict JudgeLimit(const LimitPolicy& policy, const LimitCell& cell, std::int64_t now,
                                       std::int64_t cost);
/// Charges what `JudgeLimit` allowed and forgets what no longer counts. Returns a token for `ReturnLimit`.
MCPGATE_EXPORT std::int64_t ChargeLimit(const LimitPolicy& policy, LimitCell& cell, std::int64_t now,
                                        std::int64_t cost);
/// Gives `cost` units back, exactly or too few, never too many: afterwards no window holds more than its
/// limit.
MCPGATE_EXPORT void ReturnLimit(const LimitPolicy& policy, LimitCell& cell, std::int64_t now,
                                std::int64_t cost, std::int64_t token);
/// Units left and the time until the cell is fresh again.
MCPGATE_EXPORT LimitStanding StandingOf(const LimitPolicy& policy, const LimitCell& cell, std::int64_t now);

/// For keepers on a clock that can be set back: call it before judging. Pulls marks later than `now` back to
/// it (kGcra: a TAT beyond a full burst), so that they count for one window from now and not for as long as
/// the clock was set back. True when the cell has changed: store it even when the charge is then refused.
MCPGATE_EXPORT bool RewindLimit(const LimitPolicy& policy, LimitCell& cell, std::int64_t now);

}  // namespace mcpgate
