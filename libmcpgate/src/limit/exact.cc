// exact: a log of the admissions of the last window. A mark counts while now - mark < W, so no half-open
// interval (t, t + W] ever holds more than the limit.
// concurrency: the same log, of units that their holders give back when they are done. What is never given
// back counts for W.
#include <algorithm>
#include <cstddef>

#include "limit/marks.h"
#include "limit/rule.h"

namespace mcpgate {
namespace {

std::size_t ExpiredMarks(const LimitPolicy& policy, const LimitCell& cell, std::int64_t now) {
  const std::int64_t horizon = now - policy.window.count();
  if (cell.marks.empty() || cell.marks.front() > horizon) return 0;
  const auto live = std::upper_bound(cell.marks.begin(), cell.marks.end(), horizon);
  return static_cast<std::size_t>(live - cell.marks.begin());
}

std::int64_t UntilExpired(const LimitPolicy& policy, std::int64_t mark, std::int64_t now) {
  return std::min(mark, now) + policy.window.count() - now;
}

LimitVerdict Judge(const LimitPolicy& policy, const LimitCell& cell, std::int64_t now, std::int64_t cost) {
  if (cost > policy.limit) return NeverAdmitted();
  const std::size_t expired = ExpiredMarks(policy, cell, now);
  const std::int64_t left = policy.limit - static_cast<std::int64_t>(cell.marks.size() - expired);
  if (cost <= left) return {.allowed = true, .remaining = left - cost};
  // As many of the oldest must go as the charge is short of.
  const std::int64_t blocking = cell.marks[expired + static_cast<std::size_t>(cost - left) - 1];
  return {.allowed = false,
          .remaining = std::max<std::int64_t>(left, 0),
          .retry_after = Nanos(UntilExpired(policy, blocking, now))};
}

// Erasing the front moves what is behind it. A long log is therefore compacted only when at least half of it
// has expired, which makes a charge cost O(1) on average.
void ForgetExpired(const LimitPolicy& policy, LimitCell& cell, std::int64_t now) {
  constexpr std::size_t kAlwaysCompact = 64;
  const std::size_t expired = ExpiredMarks(policy, cell, now);
  if (cell.marks.size() > kAlwaysCompact && expired < cell.marks.size() / 2) return;
  cell.marks.erase(cell.marks.begin(), cell.marks.begin() + static_cast<std::ptrdiff_t>(expired));
}

std::int64_t Charge(const LimitPolicy& policy, LimitCell& cell, std::int64_t now, std::int64_t cost) {
  PullBackMarks(cell.marks, now);
  ForgetExpired(policy, cell, now);
  cell.marks.insert(cell.marks.end(), static_cast<std::size_t>(std::min(cost, policy.limit)), now);
  return now;
}

void GiveBack(const LimitPolicy&, LimitCell& cell, std::int64_t, std::int64_t cost, std::int64_t token) {
  RemoveMarks(cell.marks, token, cost);
}

LimitStanding Standing(const LimitPolicy& policy, const LimitCell& cell, std::int64_t now) {
  const std::size_t live = cell.marks.size() - ExpiredMarks(policy, cell, now);
  LimitStanding standing{.policy = &policy, .remaining = policy.limit};
  if (live == 0) return standing;
  standing.remaining = std::max<std::int64_t>(policy.limit - static_cast<std::int64_t>(live), 0);
  standing.full_again = Nanos(UntilExpired(policy, cell.marks.back(), now));
  return standing;
}

std::int64_t FreshAt(const LimitPolicy& policy, const LimitCell& cell) {
  return cell.marks.back() + policy.window.count();
}

bool Rewind(const LimitPolicy&, LimitCell& cell, std::int64_t now) { return PullBackMarks(cell.marks, now); }

constexpr LimitRule Rule(LimitAlgorithm algorithm, std::string_view name, std::int64_t max_limit) {
  return {.algorithm = algorithm,
          .name = name,
          .max_limit = max_limit,
          .judge = &Judge,
          .charge = &Charge,
          .give_back = &GiveBack,
          .standing = &Standing,
          .fresh_at = &FreshAt,
          .rewind = &Rewind};
}

}  // namespace

constinit const LimitRule kExactRule = Rule(LimitAlgorithm::kExact, "exact", 100'000);
constinit const LimitRule kConcurrencyRule = Rule(LimitAlgorithm::kConcurrency, "concurrency", 10'000);

}  // namespace mcpgate
