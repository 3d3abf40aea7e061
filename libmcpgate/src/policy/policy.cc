#include "mcpgate/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "mcpgate/pattern.h"

namespace mcpgate {
namespace {

constexpr std::size_t kMaxPattern = 200;

const std::string* FirstMatch(const std::vector<std::string>& patterns, std::string_view text) {
  const auto match = std::find_if(patterns.begin(), patterns.end(),
                                  [&](const std::string& pattern) { return MatchesPattern(pattern, text); });
  return match == patterns.end() ? nullptr : &*match;
}

bool IsRole(Role role) { return role >= Role::kReader && role <= Role::kAdmin; }

absl::Status CheckPatterns(Role role, std::string_view list, const std::vector<std::string>& patterns) {
  for (const std::string& pattern : patterns) {
    if (!pattern.empty() && pattern.size() <= kMaxPattern) continue;
    return absl::InvalidArgumentError(
        fmt::format("policy: role {}: {} has a pattern of {} characters; a pattern has 1 to {}",
                    RoleName(role), list, pattern.size(), kMaxPattern));
  }
  return absl::OkStatus();
}

}  // namespace

// What decided. The text of it is made only for those who ask.
struct Policy::Reason {
  enum class Kind { kKeyDenies, kRoleDenies, kRank, kKeyAllows, kRoleAllows, kNobodyAllows };
  Kind kind = Kind::kNobodyAllows;
  Role role = Role::kReader;
  const std::string* pattern = nullptr;
  bool is_parents = false;  // a session's parent decided

  bool allowed() const {
    return kind == Kind::kRank || kind == Kind::kKeyAllows || kind == Kind::kRoleAllows;
  }
  std::string Text() const { return (is_parents ? "the session's key: " : "") + OwnText(); }
  std::string OwnText() const;
};

std::string Policy::Reason::OwnText() const {
  switch (kind) {
    case Kind::kKeyDenies:
      return fmt::format("key denies '{}'", *pattern);
    case Kind::kRoleDenies:
      return fmt::format("role {} denies '{}'", RoleName(role), *pattern);
    case Kind::kRank:
      return fmt::format("role {}", RoleName(role));
    case Kind::kKeyAllows:
      return fmt::format("key allows '{}'", *pattern);
    case Kind::kRoleAllows:
      return fmt::format("role {} allows '{}'", RoleName(role), *pattern);
    case Kind::kNobodyAllows:
      break;
  }
  return fmt::format("needs role {}", RoleName(role));
}

absl::StatusOr<std::shared_ptr<const Policy>> Policy::New(PolicyOptions options) {
  for (const auto& [role, rules] : options.roles) {
    if (!IsRole(role)) {
      return absl::InvalidArgumentError("policy: a role must be reader, writer, manager, moderator or admin");
    }
    if (absl::Status status = CheckPatterns(role, "allow", rules.allow); !status.ok()) return status;
    if (absl::Status status = CheckPatterns(role, "deny", rules.deny); !status.ok()) return status;
  }
  return std::shared_ptr<const Policy>(new Policy(std::move(options)));
}

Policy::Policy(PolicyOptions options) : options_(std::move(options)) {}

Policy::Reason Policy::Decide(const Principal& principal, std::string_view name, Role required) const {
  const Reason own = DecideBy(principal.grants, name, required);
  if (!own.allowed() || principal.ceiling == nullptr) return own;
  Reason above = DecideBy(*principal.ceiling, name, required);
  if (above.allowed()) return own;
  above.is_parents = true;
  return above;
}

Policy::Reason Policy::DecideBy(const Grants& grants, std::string_view name, Role required) const {
  using Kind = Reason::Kind;
  const Role role = grants.role;
  if (const auto* pattern = FirstMatch(grants.deny_tools, name)) {
    return {Kind::kKeyDenies, role, pattern};
  }
  if (const auto own = options_.roles.find(role); own != options_.roles.end()) {
    if (const auto* pattern = FirstMatch(own->second.deny, name)) return {Kind::kRoleDenies, role, pattern};
  }
  // A number that names no role has no rank, on either side.
  if (IsRole(role) && IsRole(required) && role >= required) return {Kind::kRank, role, nullptr};
  if (const auto* pattern = FirstMatch(grants.allow_tools, name)) {
    return {Kind::kKeyAllows, role, pattern};
  }
  for (const auto& [granting, rules] : options_.roles) {
    if (!IsRole(role) || granting > role) break;
    if (const auto* pattern = FirstMatch(rules.allow, name)) return {Kind::kRoleAllows, granting, pattern};
  }
  return {Kind::kNobodyAllows, required, nullptr};
}

bool Policy::Permits(const Principal& principal, std::string_view name, Role required) const {
  return Decide(principal, name, required).allowed();
}

PolicyDecision Policy::Explain(const Principal& principal, std::string_view name, Role required) const {
  const Reason reason = Decide(principal, name, required);
  return {.allowed = reason.allowed(), .rule = reason.Text()};
}

bool Policy::PermitsResource(const Principal& principal, std::string_view resource) {
  if (FirstMatch(principal.grants.resources, resource) == nullptr) return false;
  return principal.ceiling == nullptr || FirstMatch(principal.ceiling->resources, resource) != nullptr;
}

}  // namespace mcpgate
