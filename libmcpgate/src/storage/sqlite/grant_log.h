// File: storage/sqlite/grant_log.h
//
// The counter behind leases: how many units were handed out, and when.
#pragma once

#include <cstdint>
#include <vector>

#include "mcpgate/clock.h"
#include "mcpgate/limit_rules.h"

namespace mcpgate::sqlite {

/// Units handed out in one step of time. A grant counts until `stamp`, the end of its step, is a window old:
/// rounding up makes it count longer, never shorter.
struct Grant {
  std::int64_t stamp = 0;
  std::int64_t units = 0;
};

/// Grants, oldest first, one a step of 1/64 of the window: at most 70 of them.
using GrantLog = std::vector<Grant>;

/// A window for N units, as the store counts it.
struct GrantWindow {
  std::int64_t limit = 0;
  std::int64_t window = 0;  ///< ns
  std::int64_t step = 1;    ///< ns
};

LimitVerdict JudgeGrants(const GrantWindow& rule, const GrantLog& log, std::int64_t now, std::int64_t units);
/// Adds a grant, forgets what no longer counts. Returns the grant's stamp.
std::int64_t ChargeGrants(const GrantWindow& rule, GrantLog& log, std::int64_t now, std::int64_t units);
/// Takes up to `units` off the grant with this stamp.
void ReturnGrants(GrantLog& log, std::int64_t stamp, std::int64_t units);
/// Pulls stamps back that lie further ahead than a step, after the clock was set back. True when there were
/// any.
bool RewindGrants(const GrantWindow& rule, GrantLog& log, std::int64_t now);
/// Units that count now.
std::int64_t GrantedUnits(const GrantWindow& rule, const GrantLog& log, std::int64_t now);

}  // namespace mcpgate::sqlite
