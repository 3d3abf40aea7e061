// Keys ended: one secret, a family, or all that a filter means.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "keys/store_key_admin.h"

namespace mcpgate {
namespace {

constexpr std::size_t kMostAtOnce = 1000;
constexpr std::size_t kPage = 500;

bool IsEmpty(const KeyFilter& filter) {
  return filter.tenant.empty() && filter.principal.empty() && filter.parent.empty() && filter.name.empty() &&
         !filter.created_before && !filter.unused_since;
}

bool Means(const KeyFilter& filter, const KeyInfo& info, const KeyUse& use) {
  if (info.state != KeyInfo::State::kLive && info.state != KeyInfo::State::kDisabled) return false;
  const KeyRecord& record = info.record;
  if (filter.spare && filter.spare(record)) return false;
  if (filter.created_before && record.created_at >= *filter.created_before) return false;
  if (!filter.unused_since) return true;
  return std::max(record.created_at, use.last_used_at) < *filter.unused_since;
}

}  // namespace

absl::StatusOr<KeyInfo> StoreKeyAdmin::Revoke(const TenantScope& scope, std::string_view id) {
  absl::Status status = absl::InternalError("the key was not revoked");
  for (int attempt = 0; attempt < kChangeAttempts; ++attempt) {
    absl::StatusOr<KeyInfo> info = Show(scope, id);
    if (!info.ok() || info->state == KeyInfo::State::kRevoked) return info;
    if (info->state == KeyInfo::State::kTampered) {
      return absl::DataLossError(
          fmt::format("key {} is tampered with and refused already: {}", info->record.id, info->problem));
    }
    const RowChange change = Revoked(info->record);
    status = book_.store().Apply({&change, 1});
    if (status.ok())
      return KeyInfo{.state = KeyInfo::State::kRevoked, .record = std::get<KeyRecord>(change.row)};
    if (!absl::IsAborted(status)) break;
  }
  return status;
}

absl::StatusOr<KeyInfo> StoreKeyAdmin::RevokeFamily(const TenantScope& scope, std::string_view id) {
  return ChangeFamily(scope, id, [&](Family& family, Rows& changes) -> absl::Status {
    const bool is_there = std::any_of(family.live.begin(), family.live.end(), [&](const KeyRecord& record) {
      return record.id == family.asked.record.id;
    });
    for (const KeyRecord& record : family.live) changes.push_back(Revoked(record));
    // One that is over is marked as well, so that the answer is the one that was asked for.
    if (!is_there && family.asked.state != KeyInfo::State::kRevoked)
      changes.push_back(Revoked(family.asked.record));
    return absl::OkStatus();
  });
}

absl::StatusOr<MassRevocation> StoreKeyAdmin::RevokeAll(const TenantScope& scope, const KeyFilter& filter,
                                                        bool dry_run) {
  if (IsEmpty(filter))
    return absl::InvalidArgumentError("the filter means every key; name at least one condition");
  MassRevocation mass;
  KeyQuery query{.tenant = filter.tenant, .principal = filter.principal, .parent = filter.parent};
  query.name = filter.name;
  query.limit = kPage;
  if (!query.principal.empty() && query.tenant.empty() && scope.is_operator())
    return absl::InvalidArgumentError("principal needs a tenant");
  do {
    absl::StatusOr<KeyPage> page = List(scope, query);
    if (!page.ok()) return page.status();
    std::vector<std::string> ids;
    for (const KeyInfo& info : page->keys) ids.push_back(info.record.id);
    const absl::StatusOr<std::vector<KeyUse>> uses = book_.store().Uses(ids);
    if (!uses.ok()) return uses.status();
    for (std::size_t i = 0; i < page->keys.size(); ++i) {
      if (!Means(filter, page->keys[i], (*uses)[i])) continue;
      if (mass.keys.size() == kMostAtOnce) {
        mass.is_complete = false;
        break;
      }
      mass.keys.push_back(std::move(page->keys[i]));
    }
    query.after = std::move(page->next);
  } while (mass.is_complete && !query.after.empty());
  if (dry_run || mass.keys.empty()) return mass;

  Rows changes;
  for (const KeyInfo& info : mass.keys) changes.push_back(Revoked(info.record));
  absl::Status status = book_.store().Apply(changes);
  if (!status.ok() && !absl::IsAborted(status) && !absl::IsNotFound(status)) return status;
  for (KeyInfo& info : mass.keys) {
    // Somebody changed one of them meanwhile, so they are taken one by one.
    absl::StatusOr<KeyInfo> revoked = Revoke(scope, info.record.id);
    if (absl::IsNotFound(revoked.status())) continue;
    if (!revoked.ok()) return revoked.status();
    info = *std::move(revoked);
  }
  return mass;
}

}  // namespace mcpgate
