#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "limit/rule.h"

namespace mcpgate {
namespace {

constexpr std::int64_t kMaxBurst = 1'000'000'000;
constexpr Nanos kMaxRefill = std::chrono::days(3660);  // keeps every time in 64 bits of nanoseconds

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool IsName(const std::string& name) {
  return !name.empty() && name.size() <= 40 && std::all_of(name.begin(), name.end(), IsNameCharacter);
}

absl::Status Wrong(const LimitPolicy& policy, std::string_view field, std::string_view must) {
  return absl::InvalidArgumentError(fmt::format("limit '{}': {} {}", policy.name, field, must));
}

absl::Status ValidateBurst(const LimitPolicy& policy) {
  if (policy.algorithm != LimitAlgorithm::kGcra) {
    return policy.burst == 0 ? absl::OkStatus() : Wrong(policy, "burst", "is for the algorithm gcra only");
  }
  if (policy.burst < 0 || policy.burst > kMaxBurst) {
    return Wrong(policy, "burst", fmt::format("must be 0 to {}, not {}", kMaxBurst, policy.burst));
  }
  const double refill = static_cast<double>(policy.window.count()) * static_cast<double>(policy.burst) /
                        static_cast<double>(policy.limit);
  if (refill > static_cast<double>(kMaxRefill.count())) {
    return Wrong(policy, "burst", "must refill (burst * window / limit) within ten years");
  }
  return absl::OkStatus();
}

// In the order of LimitScope.
constexpr std::array<std::string_view, 9> kScopes = {"global", "tenant",   "team",    "principal",  "key",
                                                     "tool",   "key+tool", "address", "failed-auth"};

}  // namespace

std::string_view LimitScopeName(LimitScope scope) {
  const auto index = static_cast<std::size_t>(scope);
  return index < kScopes.size() ? kScopes[index] : std::string_view();
}

std::optional<LimitScope> ParseLimitScope(std::string_view name) {
  const auto* const found = std::find(kScopes.begin(), kScopes.end(), name);
  if (found == kScopes.end()) return std::nullopt;
  return static_cast<LimitScope>(found - kScopes.begin());
}

namespace {

absl::Status ValidateOverrides(const LimitPolicy& policy) {
  constexpr std::size_t kMost = 64;
  if (policy.overrides.size() > kMost)
    return Wrong(policy, "overrides", fmt::format("are at most {}", kMost));
  for (const LimitOverride& other : policy.overrides) {
    LimitPolicy changed = policy;
    changed.overrides.clear();
    changed.limit = other.limit;
    changed.window = other.window;
    if (absl::Status bad = ValidateLimitPolicy(changed); !bad.ok()) {
      return absl::InvalidArgumentError(fmt::format("an override of {}", std::string(bad.message())));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidateLimitPolicy(const LimitPolicy& policy) {
  if (!IsName(policy.name)) {
    return absl::InvalidArgumentError(
        "limit: name must be 1 to 40 lower-case letters, digits, '_' or '-', such as 'posts-per-hour'");
  }
  const LimitRule* rule = FindLimitRule(policy.algorithm);
  if (rule == nullptr)
    return Wrong(policy, "algorithm", "must be exact, gcra, idle_reset, segmented or concurrency");
  if (LimitScopeName(policy.scope).empty()) return Wrong(policy, "scope", "is unknown");
  if (policy.limit < 1 || policy.limit > rule->max_limit) {
    return Wrong(policy, "limit",
                 fmt::format("must be 1 to {} for {}, not {}", rule->max_limit, rule->name, policy.limit));
  }
  if (policy.window < std::chrono::milliseconds(1) || policy.window > std::chrono::days(366)) {
    return Wrong(policy, "window", fmt::format("must be 1 ms to 366 days, not {} ns", policy.window.count()));
  }
  if (absl::Status bad = ValidateBurst(policy); !bad.ok()) return bad;
  return policy.overrides.empty() ? absl::OkStatus() : ValidateOverrides(policy);
}

LimitPolicy PostingLimit() {
  return {.name = "posting",
          .algorithm = LimitAlgorithm::kIdleReset,
          .scope = LimitScope::kKey,
          .applies_to = "posting",
          .limit = 5,
          .window = std::chrono::hours(1)};
}

}  // namespace mcpgate
