// idle_reset: counts up to the limit and forgets everything when the last admission is older than W.
// Refusals do not move the last admission.
#include <algorithm>

#include "limit/marks.h"
#include "limit/rule.h"

namespace mcpgate {
namespace {

// The first moment at which the last admission is older than the window, seen from `now`; 0 when it has come.
std::int64_t UntilReset(const LimitPolicy& policy, const LimitCell& cell, std::int64_t now) {
  if (cell.marks.empty() || cell.marks.back() < now - policy.window.count()) return 0;
  return std::min(cell.marks.back(), now) + policy.window.count() + 1 - now;
}

std::int64_t Left(const LimitPolicy& policy, const LimitCell& cell, std::int64_t until_reset) {
  return until_reset == 0 ? policy.limit : policy.limit - static_cast<std::int64_t>(cell.marks.size());
}

LimitVerdict Judge(const LimitPolicy& policy, const LimitCell& cell, std::int64_t now, std::int64_t cost) {
  if (cost > policy.limit) return NeverAdmitted();
  const std::int64_t until_reset = UntilReset(policy, cell, now);
  const std::int64_t left = Left(policy, cell, until_reset);
  if (cost <= left) return {.allowed = true, .remaining = left - cost};
  return {.allowed = false, .remaining = std::max<std::int64_t>(left, 0), .retry_after = Nanos(until_reset)};
}

std::int64_t Charge(const LimitPolicy& policy, LimitCell& cell, std::int64_t now, std::int64_t cost) {
  PullBackMarks(cell.marks, now);
  if (UntilReset(policy, cell, now) == 0) cell.marks.clear();
  cell.marks.insert(cell.marks.end(), static_cast<std::size_t>(std::min(cost, policy.limit)), now);
  return now;
}

void GiveBack(const LimitPolicy&, LimitCell& cell, std::int64_t, std::int64_t cost, std::int64_t token) {
  RemoveMarks(cell.marks, token, cost);
}

LimitStanding Standing(const LimitPolicy& policy, const LimitCell& cell, std::int64_t now) {
  const std::int64_t until_reset = UntilReset(policy, cell, now);
  return {.policy = &policy,
          .remaining = std::max<std::int64_t>(Left(policy, cell, until_reset), 0),
          .full_again = Nanos(until_reset)};
}

std::int64_t FreshAt(const LimitPolicy& policy, const LimitCell& cell) {
  return cell.marks.back() + policy.window.count() + 1;
}

bool Rewind(const LimitPolicy&, LimitCell& cell, std::int64_t now) { return PullBackMarks(cell.marks, now); }

}  // namespace

constinit const LimitRule kIdleResetRule = {.algorithm = LimitAlgorithm::kIdleReset,
                                            .name = "idle_reset",
                                            .max_limit = 64,
                                            .judge = &Judge,
                                            .charge = &Charge,
                                            .give_back = &GiveBack,
                                            .standing = &Standing,
                                            .fresh_at = &FreshAt,
                                            .rewind = &Rewind};

}  // namespace mcpgate
