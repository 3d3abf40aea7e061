// Keys made, under the issue policy of their principal.
#include <fmt/format.h>

#include <chrono>
#include <set>
#include <utility>

#include "keys/key_request.h"
#include "keys/person_row.h"
#include "keys/store_key_admin.h"

namespace mcpgate {
namespace {

absl::Status Refused(const KeyHolder& holder, std::size_t live) {
  if (holder.issue_policy.rule == IssuePolicy::Rule::kRefuse)
    return absl::ResourceExhaustedError(fmt::format(
        "principal {} has a key and its issue policy is 'refuse'; revoke that key, or rotate it", holder.id));
  return absl::ResourceExhaustedError(
      fmt::format("principal {} has {} keys and its issue policy allows {}; revoke one, or change the policy",
                  holder.id, live, holder.issue_policy.limit));
}

bool IsOneTooMany(const IssuePolicy& policy, std::size_t live) {
  switch (policy.rule) {
    case IssuePolicy::Rule::kReplace:
      return false;
    case IssuePolicy::Rule::kRefuse:
      return live >= 1;
    case IssuePolicy::Rule::kLimit:
      break;
  }
  return live >= static_cast<std::size_t>(policy.limit);
}

}  // namespace

absl::StatusOr<KeyRecord> StoreKeyAdmin::Draft(const TenantScope& scope, const KeyRequest& request) const {
  if (absl::Status status = ValidateKeyRequest(request); !status.ok()) return status;
  if (!scope.Covers(request.tenant))
    return absl::NotFoundError(fmt::format("there is no tenant {}", request.tenant));
  absl::StatusOr<std::vector<std::string>> networks = CanonicalNetworks(request.networks);
  if (!networks.ok()) return networks.status();
  absl::StatusOr<std::string> metadata = CanonicalMetadata(request.metadata);
  if (!metadata.ok()) return metadata.status();
  KeyRecord record;
  record.tenant = request.tenant;
  record.name = request.name;
  record.grants = request.grants;
  record.created_at = book_.NowMillis();
  if (request.lifetime) {
    record.expires_at =
        record.created_at + std::chrono::floor<std::chrono::milliseconds>(*request.lifetime).count();
  }
  record.principal = request.principal;
  record.networks = *std::move(networks);
  record.metadata = *std::move(metadata);
  return record;
}

// Decided together with a change of the principal's row: of two that read the same count, one is undone.
absl::Status StoreKeyAdmin::ApplyIssuePolicy(IssuedKey& issued, Rows& changes) const {
  const KeyRecord& record = issued.record;
  const absl::StatusOr<PersonRecord> row =
      book_.FindPerson(PersonKind::kPrincipal, record.tenant, record.principal);
  if (!row.ok()) return row.status();
  KeyHolder holder;
  if (absl::Status status = ReadRow(*row, holder); !status.ok()) return status;
  if (holder.disabled_at != 0)
    return absl::FailedPreconditionError(fmt::format("principal {} is disabled", holder.id));
  absl::StatusOr<std::vector<KeyRecord>> live =
      AllRows({.tenant = record.tenant, .principal = record.principal});
  if (!live.ok()) return live.status();
  std::erase_if(*live, [](const KeyRecord& key) { return key.kind != KeyKind::kKey; });
  std::set<std::string> families;
  for (const KeyRecord& key : *live) families.insert(key.family);
  if (IsOneTooMany(holder.issue_policy, families.size())) return Refused(holder, families.size());
  if (holder.issue_policy.rule == IssuePolicy::Rule::kReplace) {
    for (const KeyRecord& key : *live) changes.push_back(Revoked(key));
    issued.replaced.assign(families.begin(), families.end());
  }
  changes.push_back(book_.Touched(*row));
  return absl::OkStatus();
}

absl::StatusOr<IssuedKey> StoreKeyAdmin::Issue(const TenantScope& scope, const KeyRequest& request) {
  absl::StatusOr<KeyRecord> draft = Draft(scope, request);
  if (!draft.ok()) return draft.status();
  absl::Status status = absl::InternalError("no key was made");
  for (int attempt = 0; attempt < kChangeAttempts; ++attempt) {
    IssuedKey issued = MakeKey(*draft);
    Rows changes;
    if (!request.principal.empty()) {
      if (absl::Status no = ApplyIssuePolicy(issued, changes); !no.ok()) return no;
    }
    changes.push_back({.row = issued.record});
    status = book_.store().Apply(changes);
    if (status.ok()) {
      book_.TellReplaced(issued.record, issued.replaced);
      return issued;
    }
    if (!absl::IsAlreadyExists(status) && !absl::IsAborted(status)) break;
  }
  return status;
}

}  // namespace mcpgate
