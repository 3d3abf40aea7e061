#include "admin/attenuation.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "mcpgate/policy.h"

namespace mcpgate::admin {
namespace {

// A star in `wanted` is only covered by a star of a pattern, so what covers the text covers all it stands
// for.
bool IsCovered(const std::vector<std::string>& patterns, const std::string& wanted) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return MatchesPattern(pattern, wanted); });
}

}  // namespace

absl::Status CheckMayGrant(const Principal& giver, const Grants& wanted) {
  if (wanted.role > giver.grants.role) {
    return absl::PermissionDeniedError(fmt::format("your key, of role {}, cannot grant the role {}",
                                                   RoleName(giver.grants.role), RoleName(wanted.role)));
  }
  for (const std::string& tool : wanted.allow_tools) {
    // An administrator's role covers every tool that a role can cover.
    if (giver.grants.role == Role::kAdmin || IsCovered(giver.grants.allow_tools, tool)) continue;
    return absl::PermissionDeniedError(
        fmt::format("your key cannot grant the tool '{}', which it has not", tool));
  }
  for (const std::string& denied : giver.grants.deny_tools) {
    if (IsCovered(wanted.deny_tools, denied)) continue;
    return absl::PermissionDeniedError(
        fmt::format("your key is denied '{}', so the new one must have it in deny_tools", denied));
  }
  for (const std::string& resource : wanted.resources) {
    if (IsCovered(giver.grants.resources, resource)) continue;
    return absl::PermissionDeniedError(
        fmt::format("your key cannot grant the resource '{}', which it has not", resource));
  }
  return absl::OkStatus();
}

}  // namespace mcpgate::admin
