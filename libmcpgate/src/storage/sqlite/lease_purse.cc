#include "storage/sqlite/lease_purse.h"

#include <algorithm>

#include "storage/sqlite/stored_cell.h"

namespace mcpgate::sqlite {
namespace {

bool IsLive(const Instant& since, const Instant& now) {
  const auto within = [](std::int64_t age) { return age >= 0 && age <= kLeaseLife.count(); };
  return within(now.wall - since.wall) && within(now.steady - since.steady);
}

}  // namespace

Lease* LeasePurse::FindLease(const LimitCharge& charge, Instant now) {
  const auto cell = cells_.find(NameView(charge.policy->name, charge.partition));
  if (cell == cells_.end()) return nullptr;
  for (Lease& lease : cell->second.leases)
    if (lease.units >= charge.cost && IsLive(lease.since, now)) return &lease;
  return nullptr;
}

std::vector<LeasePurse::Spent> LeasePurse::Spend(std::span<const LimitCharge> charges, Instant now) {
  std::vector<std::pair<Lease*, std::int64_t>> taken;
  std::vector<Spent> spent;
  MutexLock lock(mutex_);
  for (const LimitCharge& charge : charges) {
    Lease* lease = FindLease(charge, now);
    if (lease == nullptr) break;
    lease->units -= charge.cost;
    taken.emplace_back(lease, charge.cost);
    spent.push_back({.token = lease->token, .remaining = lease->units + lease->in_store});
  }
  if (taken.size() == charges.size()) return spent;
  for (const auto& [lease, cost] : taken) lease->units += cost;
  return {};
}

bool LeasePurse::PutBack(const LimitPolicy& policy, std::string_view partition, std::int64_t token,
                         std::int64_t units, Instant now) {
  MutexLock lock(mutex_);
  const auto cell = cells_.find(NameView(policy.name, partition));
  if (cell == cells_.end()) return false;
  for (Lease& lease : cell->second.leases) {
    if (lease.token != token || !IsLive(lease.since, now)) continue;
    lease.units += units;
    return true;
  }
  return false;
}

void LeasePurse::Add(const LimitPolicy& policy, std::string_view partition, const Lease& lease) {
  MutexLock lock(mutex_);
  Name name(policy.name, partition);
  Cell& cell = cells_[name];
  cell.policy = policy;
  cell.leases.push_back(lease);
  by_age_.emplace_back(lease.since, std::move(name));
}

std::int64_t LeasePurse::Unspent(const LimitPolicy& policy, std::string_view partition, Instant now) {
  MutexLock lock(mutex_);
  std::int64_t units = 0;
  const auto cell = cells_.find(NameView(policy.name, partition));
  if (cell == cells_.end()) return 0;
  for (const Lease& lease : cell->second.leases) units += IsLive(lease.since, now) ? lease.units : 0;
  return units;
}

std::vector<Leftover> LeasePurse::TakeLeftovers(Instant now, std::size_t max, bool all) {
  std::vector<Leftover> leftovers;
  MutexLock lock(mutex_);
  for (std::size_t i = 0; i < max && !by_age_.empty(); ++i) {
    const auto& [since, name] = by_age_.front();
    if (!all && IsLive(since, now)) break;
    const auto cell = cells_.find(name);
    std::vector<Lease>& leases = cell->second.leases;
    const auto over = std::find_if(leases.begin(), leases.end(), [&oldest = since](const Lease& lease) {
      return lease.since.wall == oldest.wall && lease.since.steady == oldest.steady;
    });
    if (over->units > 0) leftovers.push_back({cell->second.policy, name.second, over->token, over->units});
    leases.erase(over);
    if (leases.empty()) cells_.erase(cell);
    by_age_.pop_front();
  }
  return leftovers;
}

}  // namespace mcpgate::sqlite
