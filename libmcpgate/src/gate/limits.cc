#include "gate/limits.h"

#include <fmt/format.h>

#include <set>

namespace mcpgate {

ChargeSheet::ChargeSheet(const std::vector<LimitPolicy>& limits, const Principal& principal,
                         std::string_view name, std::string_view limit_class, std::int64_t cost) {
  for (const LimitPolicy& limit : limits) {
    if (!limit.applies_to.empty() && limit.applies_to != limit_class) continue;
    charges_[size_++] = {
        .policy = &limit, .partition = PartitionOf(limit.scope, principal, name), .cost = cost};
  }
}

std::string_view ChargeSheet::PartitionOf(LimitScope scope, const Principal& principal,
                                          std::string_view name) {
  switch (scope) {
    case LimitScope::kGlobal:
      return "";
    case LimitScope::kTenant:
      return principal.tenant;
    case LimitScope::kKey:
      return principal.family;
    case LimitScope::kTool:
      return name;
    case LimitScope::kKeyAndTool:
      if (key_and_tool_.empty()) key_and_tool_ = fmt::format("{}/{}", principal.family, name);
      return key_and_tool_;
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
    if (!names.insert(limit.name).second) {
      return absl::InvalidArgumentError(
          fmt::format("two limits are named '{}'; counters would be shared", limit.name));
    }
  }
  return absl::OkStatus();
}

}  // namespace mcpgate
