// What an algorithm provides. A new one is a source file that defines its rule and a line in rules.cc.
#pragma once

#include <cstdint>
#include <string_view>

#include "mcpgate/limit_rules.h"
#include "mcpgate/rate_limiter.h"

namespace mcpgate {

/// The functions of limit_rules.h for one algorithm, called with a sound policy (limit and window of at least
/// 1) and a cost of at least 0.
struct LimitRule {
  LimitAlgorithm algorithm;
  std::string_view name;
  std::int64_t max_limit;
  LimitVerdict (*judge)(const LimitPolicy&, const LimitCell&, std::int64_t now, std::int64_t cost);
  std::int64_t (*charge)(const LimitPolicy&, LimitCell&, std::int64_t now, std::int64_t cost);
  void (*give_back)(const LimitPolicy&, LimitCell&, std::int64_t now, std::int64_t cost, std::int64_t token);
  LimitStanding (*standing)(const LimitPolicy&, const LimitCell&, std::int64_t now);
  /// From when on nothing counts, if nothing is added: the least time when nothing counts now.
  std::int64_t (*fresh_at)(const LimitPolicy&, const LimitCell&);
  bool (*rewind)(const LimitPolicy&, LimitCell&, std::int64_t now);
};

extern const LimitRule kExactRule;
extern const LimitRule kGcraRule;
extern const LimitRule kIdleResetRule;
extern const LimitRule kSegmentedRule;
extern const LimitRule kConcurrencyRule;

/// nullptr for a value that names no algorithm.
const LimitRule* FindLimitRule(LimitAlgorithm algorithm);

/// `fresh_at` of the policy's rule.
std::int64_t CellFreshAt(const LimitPolicy& policy, const LimitCell& cell);

inline LimitVerdict NeverAdmitted() {
  return {.allowed = false, .remaining = 0, .retry_after = Nanos::max()};
}

}  // namespace mcpgate
