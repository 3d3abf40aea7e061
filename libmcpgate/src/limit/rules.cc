#include <algorithm>
#include <array>
#include <limits>

#include "limit/rule.h"

namespace mcpgate {
namespace {

constexpr std::array<const LimitRule*, 5> kRules = {&kExactRule, &kGcraRule, &kIdleResetRule, &kSegmentedRule,
                                                    &kConcurrencyRule};

// A policy that was never validated must not divide by zero or admit without end.
const LimitRule* SoundRule(const LimitPolicy& policy) {
  return policy.limit >= 1 && policy.window >= Nanos(1) ? FindLimitRule(policy.algorithm) : nullptr;
}

std::int64_t AtLeastZero(std::int64_t cost) { return std::max<std::int64_t>(cost, 0); }

}  // namespace

const LimitRule* FindLimitRule(LimitAlgorithm algorithm) {
  for (const LimitRule* rule : kRules) {
    if (rule->algorithm == algorithm) return rule;
  }
  return nullptr;
}

std::string_view LimitAlgorithmName(LimitAlgorithm algorithm) {
  const LimitRule* rule = FindLimitRule(algorithm);
  return rule == nullptr ? "unknown" : rule->name;
}

LimitVerdict JudgeLimit(const LimitPolicy& policy, const LimitCell& cell, std::int64_t now,
                        std::int64_t cost) {
  const LimitRule* rule = SoundRule(policy);
  return rule == nullptr ? NeverAdmitted() : rule->judge(policy, cell, now, AtLeastZero(cost));
}

std::int64_t ChargeLimit(const LimitPolicy& policy, LimitCell& cell, std::int64_t now, std::int64_t cost) {
  const LimitRule* rule = SoundRule(policy);
  return rule == nullptr ? now : rule->charge(policy, cell, now, AtLeastZero(cost));
}

void ReturnLimit(const LimitPolicy& policy, LimitCell& cell, std::int64_t now, std::int64_t cost,
                 std::int64_t token) {
  const LimitRule* rule = SoundRule(policy);
  if (rule != nullptr) rule->give_back(policy, cell, now, AtLeastZero(cost), token);
}

LimitStanding StandingOf(const LimitPolicy& policy, const LimitCell& cell, std::int64_t now) {
  const LimitRule* rule = SoundRule(policy);
  return rule == nullptr ? LimitStanding{.policy = &policy} : rule->standing(policy, cell, now);
}

bool RewindLimit(const LimitPolicy& policy, LimitCell& cell, std::int64_t now) {
  const LimitRule* rule = SoundRule(policy);
  return rule != nullptr && rule->rewind(policy, cell, now);
}

std::int64_t CellFreshAt(const LimitPolicy& policy, const LimitCell& cell) {
  const LimitRule* rule = SoundRule(policy);
  return rule == nullptr || cell.marks.empty() ? std::numeric_limits<std::int64_t>::min()
                                               : rule->fresh_at(policy, cell);
}

}  // namespace mcpgate
