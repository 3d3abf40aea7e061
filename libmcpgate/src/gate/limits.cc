#include "gate/limits.h"

#include <fmt/format.h>

#include <set>

#include "mcpgate/pattern.h"

namespace mcpgate {

namespace {

// The policy that rules this call: the limit's own, or what the first override that matches makes of it.
const LimitPolicy& PolicyFor(const LimitBook::Entry& entry, const Principal& principal,
                             std::string_view name) {
  const std::vector<LimitOverride>& overrides = entry.policy->overrides;
  for (std::size_t i = 0; i < overrides.size(); ++i) {
    const LimitOverride& other = overrides[i];
    if (MatchesPattern(other.tenant, principal.tenant) &&
        MatchesPattern(other.principal, principal.principal) && MatchesPattern(other.key, principal.family) &&
        MatchesPattern(other.tool, name))
      return entry.overridden[i];
  }
  return *entry.policy;
}

}  // namespace

LimitBook::LimitBook(const std::vector<LimitPolicy>& limits) {
  for (const LimitPolicy& limit : limits) {
    Entry& entry = entries_.emplace_back(Entry{.policy = &limit});
    for (const LimitOverride& other : limit.overrides) {
      LimitPolicy& changed = entry.overridden.emplace_back(limit);
      changed.overrides.clear();
      changed.limit = other.limit;
      changed.window = other.window;
    }
  }
}

ChargeSheet::ChargeSheet(const LimitBook& limits, const Principal& principal, std::string_view name,
                         std::string_view limit_class, std::int64_t cost) {
  for (const LimitBook::Entry& entry : limits.entries()) {
    const LimitPolicy& limit = *entry.policy;
    if (!limit.applies_to.empty() && limit.applies_to != limit_class) continue;
    const LimitPolicy& policy = entry.overridden.empty() ? limit : PolicyFor(entry, principal, name);
    const std::size_t place = limit.shadow ? kMaxLimits - ++shadows_ : size_++;
    charges_[place] = {
        .policy = &policy, .partition = PartitionOf(limit.scope, principal, name), .cost = cost};
  }
}

// Ids of teams and principals are their tenant's own.
std::string_view ChargeSheet::WithinTenant(const Principal& principal, std::string_view kind,
                                           std::string_view id) {
  std::string& text = kind == "team" ? team_ : principal_;
  if (text.empty()) text = fmt::format("{}/{}/{}", principal.tenant, kind, id);
  return text;
}

std::string_view ChargeSheet::PartitionOf(LimitScope scope, const Principal& principal,
                                          std::string_view name) {
  switch (scope) {
    case LimitScope::kGlobal:
      return "";
    case LimitScope::kTenant:
      return principal.tenant;
    case LimitScope::kTeam:
      if (!principal.team.empty()) return WithinTenant(principal, "team", principal.team);
      [[fallthrough]];
    case LimitScope::kPrincipal:
      if (!principal.principal.empty()) return WithinTenant(principal, "principal", principal.principal);
      return principal.family;
    case LimitScope::kKey:
      return principal.family;
    case LimitScope::kTool:
      return name;
    case LimitScope::kKeyAndTool:
      if (key_and_tool_.empty()) key_and_tool_ = fmt::format("{}/{}", principal.family, name);
      return key_and_tool_;
    case LimitScope::kAddress:
    case LimitScope::kFailedAuth:
      break;
  }
  return "";
}

absl::Status CheckLimits(const std::vector<LimitPolicy>& limits) {
  if (limits.size() > kMaxLimits) {
    return absl::InvalidArgumentError(
        fmt::format("{} limits; a gate takes at most {}", limits.size(), kMaxLimits));
  }
  std::set<std::string_view> names;
  for (const LimitPolicy& limit : limits) {
    if (absl::Status bad = ValidateLimitPolicy(limit); !bad.ok()) return bad;
    if (limit.scope == LimitScope::kAddress || limit.scope == LimitScope::kFailedAuth) {
      return absl::InvalidArgumentError(
          fmt::format("limit '{}': a gate knows no addresses; scope {} is for a transport's own limiter",
                      limit.name, LimitScopeName(limit.scope)));
    }
    if (!names.insert(limit.name).second) {
      return absl::InvalidArgumentError(
          fmt::format("two limits are named '{}'; counters would be shared", limit.name));
    }
  }
  return absl::OkStatus();
}

}  // namespace mcpgate
