#include "admin/attenuation.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "mcpgate/admin.h"
#include "mcpgate/pattern.h"
#include "mcpgate/policy.h"

namespace mcpgate::admin {
namespace {

// A star in `wanted` is only covered by a star of a pattern, so what covers the text covers all it stands
// for.
bool IsCovered(const std::vector<std::string>& patterns, const std::string& wanted) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return MatchesPattern(pattern, wanted); });
}

absl::Status CheckWithin(const Grants& giver, const Grants& wanted) {
  if (wanted.role > giver.role) {
    return absl::PermissionDeniedError(fmt::format("your key, of role {}, cannot grant the role {}",
                                                   RoleName(giver.role), RoleName(wanted.role)));
  }
  for (const std::string& tool : wanted.allow_tools) {
    // An administrator's role covers every tool that a role can cover.
    if (giver.role == Role::kAdmin || IsCovered(giver.allow_tools, tool)) continue;
    return absl::PermissionDeniedError(
        fmt::format("your key cannot grant the tool '{}', which it has not", tool));
  }
  for (const std::string& denied : giver.deny_tools) {
    if (IsCovered(wanted.deny_tools, denied)) continue;
    return absl::PermissionDeniedError(
        fmt::format("your key is denied '{}', so the new one must have it in deny_tools", denied));
  }
  for (const std::string& resource : wanted.resources) {
    if (IsCovered(giver.resources, resource)) continue;
    return absl::PermissionDeniedError(
        fmt::format("your key cannot grant the resource '{}', which it has not", resource));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckMayTouch(const Principal& giver, const Grants& rights) {
  if (!IsCovered(rights.resources, kOperatorResource) || Policy::PermitsResource(giver, kOperatorResource)) {
    return absl::OkStatus();
  }
  return absl::PermissionDeniedError("this key is an operator's; only an operator's key may do that to it");
}

absl::Status CheckMayGrant(const Principal& giver, const Grants& wanted) {
  absl::Status within = CheckWithin(giver.grants, wanted);
  if (within.ok() && giver.ceiling != nullptr) within = CheckWithin(*giver.ceiling, wanted);
  return within;
}

}  // namespace mcpgate::admin
