// File: policy.h
//
// Who may call what. Deny wins, and what nobody granted is denied.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "mcpgate/export.h"
#include "mcpgate/principal.h"

namespace mcpgate {

/// Rules for one role, beyond what tools declare for themselves. Patterns as in Grants.
struct RoleRules {
  std::vector<std::string> allow{};  ///< also holds for the roles above
  std::vector<std::string> deny{};   ///< for this role alone
};

struct PolicyOptions {
  std::map<Role, RoleRules> roles{};
};

struct PolicyDecision {
  bool allowed = false;
  /// The rule that decided, as a person reads it: "role writer", "key denies 'discord_*'", "needs role
  /// writer".
  std::string rule{};
};

/// Policy
///
/// One evaluator for "may this key call it?" and "does this key see it in the list?". Immutable; safe for
/// concurrent use.
class MCPGATE_EXPORT Policy {
 public:
  /// InvalidArgument when a pattern is empty or longer than 200 characters.
  static absl::StatusOr<std::shared_ptr<const Policy>> New(PolicyOptions options);

  /// Whether `principal` may call the tool `name`, which asks for `required` unless a rule says otherwise. In
  /// order: a deny of key or role; the role's rank; an allow of key or role. A session may what both it and
  /// the key it was minted from may.
  bool Permits(const Principal& principal, std::string_view name, Role required) const;
  /// The same decision with its reason.
  PolicyDecision Explain(const Principal& principal, std::string_view name, Role required) const;
  const PolicyOptions& options() const { return options_; }
  /// Whether the key's resource patterns cover `resource`.
  static bool PermitsResource(const Principal& principal, std::string_view resource);

 private:
  explicit Policy(PolicyOptions options);
  struct Reason;
  Reason Decide(const Principal& principal, std::string_view name, Role required) const;
  Reason DecideBy(const Grants& grants, std::string_view name, Role required) const;

  const PolicyOptions options_;
};

}  // namespace mcpgate
