// File: people.h
//
// Whom keys belong to: tenant, team (optional), principal. Every call says whose rows it may see; a row of
// another tenant is NotFound. Disabling one of them refuses all keys below it at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/export.h"
#include "mcpgate/tenant_scope.h"

namespace mcpgate {

/// What happens when a principal asks for one key more.
struct IssuePolicy {
  enum class Rule : std::uint8_t {
    kLimit,    ///< refused when `limit` live families are there
    kReplace,  ///< the old key is revoked in the same transaction
    kRefuse,   ///< refused while a live one is there
  };
  Rule rule = Rule::kLimit;
  std::int64_t limit = 16;  ///< 1 to 10,000; with kLimit
  bool operator==(const IssuePolicy&) const = default;
};
/// "limit:16", "replace" or "refuse".
MCPGATE_EXPORT std::string IssuePolicyText(const IssuePolicy& policy);
MCPGATE_EXPORT std::optional<IssuePolicy> ParseIssuePolicy(std::string_view text);

/// Times are milliseconds since the Unix epoch; `version` counts the changes.
struct Tenant {
  std::string id{};    ///< 1 to 64 of [a-z0-9-]
  std::string name{};  ///< for people; empty, or up to 100 characters
  std::int64_t created_at = 0;
  std::int64_t disabled_at = 0;  ///< 0: enabled
  std::int64_t version = 0;
};

struct Team {
  std::string tenant{};
  std::string id{};    ///< 1 to 64 of [a-z0-9-]
  std::string name{};  ///< as a tenant's
  std::int64_t created_at = 0;
  std::int64_t disabled_at = 0;
  std::int64_t version = 0;
};

/// One who holds keys: a person, a service. (`Principal` is what a verified key of theirs stands for.)
struct KeyHolder {
  std::string tenant{};
  std::string id{};                         ///< 1 to 64 of [A-Za-z0-9._@-]
  std::string name{};                       ///< as a tenant's
  std::string team{};                       ///< an existing one, or empty
  std::vector<std::string> external_ids{};  ///< "discord:80351110224678912"; at most 16, unique in the tenant
  IssuePolicy issue_policy{};
  std::int64_t session_limit = 16;  ///< live sessions at once, 0 to 10,000
  std::int64_t created_at = 0;
  std::int64_t disabled_at = 0;
  std::int64_t version = 0;
};

/// What shall change; what is not set stays. With `if_version` the change is Aborted unless the row still has
/// that version.
struct PersonChange {
  std::optional<std::string> name{};
  std::optional<bool> disabled{};
  std::optional<std::int64_t> if_version{};
};
struct KeyHolderChange {
  std::optional<std::string> name{};
  std::optional<bool> disabled{};
  std::optional<std::string> team{};
  std::optional<std::vector<std::string>> external_ids{};
  std::optional<IssuePolicy> issue_policy{};
  std::optional<std::int64_t> session_limit{};
  std::optional<std::int64_t> if_version{};
};

template <typename Row>
struct PeoplePage {
  std::vector<Row> rows{};
  std::string next{};  ///< for `after`; empty: that was all
};

/// People
///
/// Errors: InvalidArgument names the field; NotFound; AlreadyExists when an id or external id is taken;
/// PermissionDenied for what only the operator may (tenants); DataLoss when a row was changed by something
/// that does not hold the root key; Aborted by `if_version`. A tenant without a row is enabled and has no
/// teams or principals; `default` needs none. Safe for concurrent use.
class MCPGATE_EXPORT People {
 public:
  virtual ~People() = default;

  virtual absl::StatusOr<Tenant> CreateTenant(const TenantScope& scope, const Tenant& tenant) = 0;
  virtual absl::StatusOr<Tenant> ShowTenant(const TenantScope& scope, std::string_view id) = 0;
  virtual absl::StatusOr<PeoplePage<Tenant>> ListTenants(const TenantScope& scope, std::string_view after,
                                                         std::size_t limit) = 0;
  virtual absl::StatusOr<Tenant> UpdateTenant(const TenantScope& scope, std::string_view id,
                                              const PersonChange& change) = 0;

  virtual absl::StatusOr<Team> CreateTeam(const TenantScope& scope, const Team& team) = 0;
  virtual absl::StatusOr<Team> ShowTeam(const TenantScope& scope, std::string_view tenant,
                                        std::string_view id) = 0;
  /// `tenant` empty: all that the scope covers.
  virtual absl::StatusOr<PeoplePage<Team>> ListTeams(const TenantScope& scope, std::string_view tenant,
                                                     std::string_view after, std::size_t limit) = 0;
  virtual absl::StatusOr<Team> UpdateTeam(const TenantScope& scope, std::string_view tenant,
                                          std::string_view id, const PersonChange& change) = 0;

  virtual absl::StatusOr<KeyHolder> CreateHolder(const TenantScope& scope, const KeyHolder& holder) = 0;
  virtual absl::StatusOr<KeyHolder> ShowHolder(const TenantScope& scope, std::string_view tenant,
                                               std::string_view id) = 0;
  /// By an id elsewhere.
  virtual absl::StatusOr<KeyHolder> FindHolder(const TenantScope& scope, std::string_view tenant,
                                               std::string_view external_id) = 0;
  /// `tenant` and `team` empty: all that the scope covers.
  virtual absl::StatusOr<PeoplePage<KeyHolder>> ListHolders(const TenantScope& scope, std::string_view tenant,
                                                            std::string_view team, std::string_view after,
                                                            std::size_t limit) = 0;
  virtual absl::StatusOr<KeyHolder> UpdateHolder(const TenantScope& scope, std::string_view tenant,
                                                 std::string_view id, const KeyHolderChange& change) = 0;
};

}  // namespace mcpgate
