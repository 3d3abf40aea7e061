// Keys changed, disabled and rotated.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "keys/key_request.h"
#include "keys/store_key_admin.h"

namespace mcpgate {
namespace {

constexpr Nanos kMostOverlap = std::chrono::days(90);

std::int64_t MillisOf(Nanos span) { return std::chrono::floor<std::chrono::milliseconds>(span).count(); }

absl::Status IsOver(const Family& family) {
  return absl::FailedPreconditionError(
      fmt::format("key {} is {}; make a new one", family.asked.record.id, KeyStateName(family.asked.state)));
}

absl::Status NoRotation(const Family& family) {
  return absl::FailedPreconditionError(
      fmt::format("no rotation of key {} is under way", family.asked.record.id));
}

absl::Status CheckExpiry(std::int64_t wanted, const KeyRecord& record, std::int64_t now) {
  if (wanted <= now)
    return absl::InvalidArgumentError("expires_at must lie in the future; revoke ends a key now");
  if (record.expires_at != 0 && wanted > record.expires_at)
    return absl::InvalidArgumentError(
        "expires_at can only become earlier; a key that shall live longer is a new key");
  return absl::OkStatus();
}

// The change with its texts made canonical; names the field that is wrong.
absl::StatusOr<KeyChange> Checked(KeyChange change) {
  if (change.name) {
    if (absl::Status status = CheckKeyName(*change.name); !status.ok()) return status;
  }
  if (change.grants) {
    if (absl::Status status = CheckGrants(*change.grants); !status.ok()) return status;
  }
  if (change.networks) {
    absl::StatusOr<std::vector<std::string>> networks = CanonicalNetworks(*change.networks);
    if (!networks.ok()) return networks.status();
    change.networks = *std::move(networks);
  }
  if (change.metadata) {
    absl::StatusOr<std::string> metadata = CanonicalMetadata(*change.metadata);
    if (!metadata.ok()) return metadata.status();
    change.metadata = *std::move(metadata);
  }
  return change;
}

void ApplyTo(KeyRecord& record, const KeyChange& change) {
  if (change.name) record.name = *change.name;
  if (change.grants) record.grants = *change.grants;
  if (change.expires_at) record.expires_at = *change.expires_at;
  if (change.networks) record.networks = *change.networks;
  if (change.metadata) record.metadata = *change.metadata;
}

}  // namespace

absl::StatusOr<KeyInfo> StoreKeyAdmin::Update(const TenantScope& scope, std::string_view id,
                                              const KeyChange& change) {
  const absl::StatusOr<KeyChange> checked = Checked(change);
  if (!checked.ok()) return checked.status();
  return ChangeFamily(scope, id, [&](Family& family, Rows& changes) -> absl::Status {
    const KeyRecord& asked = family.asked.record;
    if (change.if_version && *change.if_version != asked.version)
      return absl::AbortedError(
          fmt::format("key {} was changed meanwhile; it has version {} now", id, asked.version));
    if (family.live.empty()) return IsOver(family);
    for (KeyRecord& record : family.live) {
      if (change.expires_at) {
        if (absl::Status no = CheckExpiry(*change.expires_at, record, book_.NowMillis()); !no.ok()) return no;
      }
      ApplyTo(record, *checked);
      changes.push_back(Changed(record));
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<KeyInfo> StoreKeyAdmin::SetDisabled(const TenantScope& scope, std::string_view id,
                                                   bool disabled) {
  return ChangeFamily(scope, id, [&](Family& family, Rows& changes) -> absl::Status {
    if (family.live.empty()) return IsOver(family);
    for (KeyRecord& record : family.live) {
      if ((record.disabled_at != 0) == disabled) continue;
      record.disabled_at = disabled ? std::max<std::int64_t>(book_.NowMillis(), 1) : 0;
      changes.push_back(Changed(record));
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<IssuedKey> StoreKeyAdmin::Rotate(const TenantScope& scope, std::string_view id,
                                                Nanos overlap) {
  if (overlap < Nanos(0) || overlap > kMostOverlap)
    return absl::InvalidArgumentError("overlap must be 0 to 90 days");
  IssuedKey issued;
  const absl::StatusOr<KeyInfo> changed =
      ChangeFamily(scope, id, [&](Family& family, Rows& changes) -> absl::Status {
        if (family.old() != nullptr)
          return absl::FailedPreconditionError(
              fmt::format("a rotation of key {} is under way; finish or undo it first", id));
        KeyRecord* const current = family.current();
        if (current == nullptr) return IsOver(family);
        if (current->kind != KeyKind::kKey)
          return absl::FailedPreconditionError("only keys are rotated; mint a new session instead");
        const std::int64_t now = book_.NowMillis();
        KeyRecord draft = *current;
        draft.created_at = now;
        draft.not_before = 0;
        draft.imported_at = 0;
        issued = MakeKey(std::move(draft));
        // Its own expiry stays, so that the earlier of the two holds and undoing gives it back.
        current->retires_at = std::max<std::int64_t>(now + MillisOf(overlap), 1);
        changes.push_back(Changed(*current));
        changes.push_back({.row = issued.record});
        return absl::OkStatus();
      });
  if (!changed.ok()) return changed.status();
  return issued;
}

absl::StatusOr<KeyInfo> StoreKeyAdmin::FinishRotation(const TenantScope& scope, std::string_view id) {
  std::string ended(id);
  const absl::StatusOr<KeyInfo> changed =
      ChangeFamily(scope, id, [&](Family& family, Rows& changes) -> absl::Status {
        if (family.old() == nullptr || family.current() == nullptr) return NoRotation(family);
        ended = family.old()->id;
        changes.push_back(Revoked(*family.old()));
        return absl::OkStatus();
      });
  return changed.ok() ? Show(scope, ended) : changed;
}

absl::StatusOr<KeyInfo> StoreKeyAdmin::UndoRotation(const TenantScope& scope, std::string_view id) {
  std::string kept(id);
  const absl::StatusOr<KeyInfo> changed =
      ChangeFamily(scope, id, [&](Family& family, Rows& changes) -> absl::Status {
        if (family.old() == nullptr || family.current() == nullptr) return NoRotation(family);
        KeyRecord& old = *family.old();
        kept = old.id;
        changes.push_back(Revoked(*family.current()));
        old.retires_at = 0;
        changes.push_back(Changed(old));
        return absl::OkStatus();
      });
  return changed.ok() ? Show(scope, kept) : changed;
}

}  // namespace mcpgate
