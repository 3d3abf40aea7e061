#include "keys/standing.h"

#include <algorithm>
#include <utility>

#include "keys/person_row.h"

namespace mcpgate {
namespace {

constexpr std::size_t kMostOwners = 65'536;
constexpr std::size_t kMostSecrets = 1000;  // of one family; two of them are live

std::int64_t EarlierEnd(std::int64_t a, std::int64_t b) {
  if (a == 0 || b == 0) return std::max(a, b);
  return std::min(a, b);
}

std::int64_t LaterEnd(std::int64_t a, std::int64_t b) { return a == 0 || b == 0 ? 0 : std::max(a, b); }

bool IsChanging(std::uint64_t revision) { return revision % 2 != 0; }

}  // namespace

absl::StatusOr<Standings::Owner> Standings::Read(PersonKind kind, const std::string& tenant,
                                                 const std::string& id) const {
  const absl::StatusOr<PersonRecord> record = book_.FindPerson(kind, tenant, id);
  if (absl::IsNotFound(record.status())) return Owner{};
  if (!record.ok()) return record.status();
  Tenant facts;  // what all kinds have in common
  if (absl::Status status = ReadRow(*record, facts); !status.ok()) return status;
  return Owner{.is_there = true, .is_off = facts.disabled_at != 0, .team = record->parent};
}

absl::StatusOr<Standings::Owner> Standings::Find(PersonKind kind, const std::string& tenant,
                                                 const std::string& id, std::uint64_t revision) {
  const std::string key = std::string(PersonKindName(kind)) + "/" + tenant + "/" + id;
  {
    MutexLock lock(mutex_);
    const auto known = owners_.find(key);
    if (revision_ == revision && known != owners_.end()) return known->second;
  }
  absl::StatusOr<Owner> owner = Read(kind, tenant, id);
  if (!owner.ok() || IsChanging(revision)) return owner;
  MutexLock lock(mutex_);
  if (revision_ != revision || owners_.size() >= kMostOwners) owners_.clear();
  revision_ = revision;
  owners_[key] = *owner;
  return owner;
}

absl::Status Standings::AddHolder(const KeyRecord& record, std::uint64_t revision, Standing& standing) {
  const absl::StatusOr<Owner> holder =
      Find(PersonKind::kPrincipal, record.tenant, record.principal, revision);
  if (!holder.ok()) return holder.status();
  if (!holder->is_there || holder->is_off) {
    standing.refusal = KeyRefusal::kPrincipalDisabled;
    return absl::OkStatus();
  }
  standing.team = holder->team;
  if (standing.team.empty()) return absl::OkStatus();
  const absl::StatusOr<Owner> team = Find(PersonKind::kTeam, record.tenant, standing.team, revision);
  if (!team.ok()) return team.status();
  if (!team->is_there || team->is_off) standing.refusal = KeyRefusal::kTeamDisabled;
  return absl::OkStatus();
}

// A session lives while one secret of its parent does, and may what the newest of them may.
absl::Status Standings::AddParent(const KeyRecord& record, Standing& standing) const {
  const absl::StatusOr<KeyRows> rows = book_.store().List({.family = record.parent, .limit = kMostSecrets});
  if (!rows.ok()) return rows.status();
  std::optional<KeyRecord> newest;
  std::int64_t end = 0;
  for (const StoredKey& row : rows->rows) {
    const KeyInfo info = book_.InfoOf(row.id, row.record);
    if (info.state != KeyInfo::State::kLive || info.record.tenant != record.tenant) continue;
    const std::int64_t own_end = EarlierEnd(info.record.expires_at, info.record.retires_at);
    end = newest ? LaterEnd(end, own_end) : own_end;
    if (!newest || info.record.retires_at == 0) newest = info.record;
  }
  if (!newest) {
    standing.refusal = KeyRefusal::kParentEnded;
    return absl::OkStatus();
  }
  standing.expires_at = EarlierEnd(standing.expires_at, end);
  standing.ceiling = std::make_shared<const Grants>(std::move(newest->grants));
  return absl::OkStatus();
}

absl::StatusOr<Standing> Standings::Of(const KeyRecord& record, std::uint64_t revision) {
  Standing standing{.expires_at = EarlierEnd(record.expires_at, record.retires_at)};
  if (record.kind == KeyKind::kSession) {
    if (absl::Status status = AddParent(record, standing); !status.ok()) return status;
  }
  if (!record.principal.empty()) {
    if (absl::Status status = AddHolder(record, revision, standing); !status.ok()) return status;
  }
  const absl::StatusOr<Owner> tenant = Find(PersonKind::kTenant, record.tenant, record.tenant, revision);
  if (!tenant.ok()) return tenant.status();
  if (tenant->is_off) standing.refusal = KeyRefusal::kTenantDisabled;
  if (record.disabled_at != 0) standing.refusal = KeyRefusal::kDisabled;
  if (record.revoked_at != 0) standing.refusal = KeyRefusal::kRevoked;
  return standing;
}

}  // namespace mcpgate
