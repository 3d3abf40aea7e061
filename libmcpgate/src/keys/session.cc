// Sessions: short-lived tokens that may at most what the key they were minted from may.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "keys/key_request.h"
#include "keys/person_row.h"
#include "keys/store_key_admin.h"

namespace mcpgate {
namespace {

constexpr Nanos kLongest = std::chrono::days(90);
constexpr std::int64_t kSessionsOfNobody = 16;

// Sessions end with their parents, and are counted no longer.
std::int64_t CountSessions(const std::vector<KeyRecord>& live) {
  std::set<std::string_view> parents;
  for (const KeyRecord& record : live) {
    if (record.kind == KeyKind::kKey) parents.insert(record.family);
  }
  return std::count_if(live.begin(), live.end(), [&](const KeyRecord& record) {
    return record.kind == KeyKind::kSession && parents.contains(record.parent);
  });
}

absl::Status TooMany(std::string_view whose, std::int64_t limit) {
  return absl::ResourceExhaustedError(
      fmt::format("{} has its {} sessions already; revoke one, or wait until one ends", whose, limit));
}

}  // namespace

// As the issue policy: counted together with a change of the row that all creators must change.
absl::Status StoreKeyAdmin::ApplySessionLimit(const KeyRecord& parent, Rows& changes) const {
  if (parent.principal.empty()) {
    absl::StatusOr<std::vector<KeyRecord>> live = AllRows({.parent = parent.family});
    if (!live.ok()) return live.status();
    live->push_back(parent);
    if (CountSessions(*live) >= kSessionsOfNobody)
      return TooMany(fmt::format("key {}", parent.id), kSessionsOfNobody);
    changes.push_back(Changed(parent));
    return absl::OkStatus();
  }
  const absl::StatusOr<PersonRecord> row =
      book_.FindPerson(PersonKind::kPrincipal, parent.tenant, parent.principal);
  if (!row.ok()) return row.status();
  KeyHolder holder;
  if (absl::Status status = ReadRow(*row, holder); !status.ok()) return status;
  if (holder.disabled_at != 0)
    return absl::FailedPreconditionError(fmt::format("principal {} is disabled", holder.id));
  const absl::StatusOr<std::vector<KeyRecord>> live =
      AllRows({.tenant = parent.tenant, .principal = parent.principal});
  if (!live.ok()) return live.status();
  if (CountSessions(*live) >= holder.session_limit)
    return TooMany(fmt::format("principal {}", holder.id), holder.session_limit);
  changes.push_back(book_.Touched(*row));
  return absl::OkStatus();
}

absl::StatusOr<IssuedKey> StoreKeyAdmin::MintSession(const TenantScope& scope,
                                                     const SessionRequest& request) {
  if (absl::Status status = CheckKeyName(request.name); !status.ok()) return status;
  if (request.lifetime < std::chrono::seconds(1) || request.lifetime > kLongest)
    return absl::InvalidArgumentError("lifetime must be one second to 90 days");
  if (request.grants) {
    if (absl::Status status = CheckGrants(*request.grants); !status.ok()) return status;
  }
  const absl::StatusOr<std::string> metadata = CanonicalMetadata(request.metadata);
  if (!metadata.ok()) return metadata.status();

  IssuedKey issued;
  const absl::StatusOr<KeyInfo> changed =
      ChangeFamily(scope, request.parent, [&](Family& family, Rows& changes) -> absl::Status {
        KeyRecord* const parent = family.current();
        if (parent == nullptr || parent->disabled_at != 0)
          return absl::FailedPreconditionError(
              fmt::format("key {} is not live; sessions are minted from live keys", request.parent));
        if (parent->kind != KeyKind::kKey)
          return absl::FailedPreconditionError("a session is minted from a key, not from a session");
        if (request.grants && request.grants->role > parent->grants.role)
          return absl::InvalidArgumentError(
              fmt::format("grants.role must be at most the key's own, {}", RoleName(parent->grants.role)));
        KeyRecord draft{.tenant = parent->tenant,
                        .name = request.name,
                        .grants = request.grants.value_or(parent->grants),
                        .created_at = book_.NowMillis(),
                        .kind = KeyKind::kSession,
                        .principal = parent->principal,
                        .parent = parent->family,
                        .networks = parent->networks,
                        .metadata = *metadata};
        draft.expires_at =
            draft.created_at + std::chrono::floor<std::chrono::milliseconds>(request.lifetime).count();
        if (parent->expires_at != 0) draft.expires_at = std::min(draft.expires_at, parent->expires_at);
        if (request.disabled) draft.disabled_at = std::max<std::int64_t>(draft.created_at, 1);
        if (request.networks) {
          absl::StatusOr<std::vector<std::string>> networks = CanonicalNetworks(*request.networks);
          if (!networks.ok()) return networks.status();
          draft.networks = *std::move(networks);
        }
        issued = MakeKey(std::move(draft));
        if (absl::Status no = ApplySessionLimit(*parent, changes); !no.ok()) return no;
        changes.push_back({.row = issued.record});
        return absl::OkStatus();
      });
  if (!changed.ok()) return changed.status();
  return issued;
}

}  // namespace mcpgate
