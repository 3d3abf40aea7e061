#include "storage/sqlite/grant_log.h"

#include <algorithm>

namespace mcpgate::sqlite {
namespace {

std::int64_t EndOfStep(const GrantWindow& rule, std::int64_t now) {
  const std::int64_t rest = now % rule.step;
  return rest == 0 ? now : now - rest + rule.step;
}

bool Counts(const GrantWindow& rule, const Grant& grant, std::int64_t now) {
  return grant.stamp > now - rule.window;
}

void Add(GrantLog& log, std::int64_t stamp, std::int64_t units) {
  if (!log.empty() && log.back().stamp == stamp) {
    log.back().units += units;
  } else {
    log.push_back({.stamp = stamp, .units = units});
  }
}

}  // namespace

std::int64_t GrantedUnits(const GrantWindow& rule, const GrantLog& log, std::int64_t now) {
  std::int64_t units = 0;
  for (const Grant& grant : log) units += Counts(rule, grant, now) ? grant.units : 0;
  return units;
}

LimitVerdict JudgeGrants(const GrantWindow& rule, const GrantLog& log, std::int64_t now, std::int64_t units) {
  if (units > rule.limit) return {.allowed = false, .remaining = 0, .retry_after = Nanos::max()};
  const std::int64_t left = rule.limit - GrantedUnits(rule, log, now);
  if (units <= left) return {.allowed = true, .remaining = left - units};
  LimitVerdict verdict{.allowed = false, .remaining = std::max<std::int64_t>(left, 0)};
  std::int64_t missing = units - left;
  for (const Grant& grant : log) {
    if (!Counts(rule, grant, now)) continue;
    missing -= grant.units;
    verdict.retry_after = Nanos(grant.stamp + rule.window - now);
    if (missing <= 0) break;
  }
  return verdict;
}

std::int64_t ChargeGrants(const GrantWindow& rule, GrantLog& log, std::int64_t now, std::int64_t units) {
  std::erase_if(log, [&](const Grant& grant) { return !Counts(rule, grant, now); });
  const std::int64_t stamp = EndOfStep(rule, now);
  Add(log, stamp, units);
  return stamp;
}

void ReturnGrants(GrantLog& log, std::int64_t stamp, std::int64_t units) {
  for (Grant& grant : log) {
    if (grant.stamp == stamp) grant.units -= std::min(grant.units, units);
  }
  std::erase_if(log, [](const Grant& grant) { return grant.units <= 0; });
}

bool RewindGrants(const GrantWindow& rule, GrantLog& log, std::int64_t now) {
  const std::int64_t latest = EndOfStep(rule, now);
  if (log.empty() || log.back().stamp <= latest) return false;
  GrantLog rewound;
  for (const Grant& grant : log) Add(rewound, std::min(grant.stamp, latest), grant.units);
  log = std::move(rewound);
  return true;
}

}  // namespace mcpgate::sqlite
