#include "keys/verified_cache.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace mcpgate {
namespace {

bool IsChanging(std::uint64_t revision) { return revision % 2 != 0; }

}  // namespace

VerifiedCache::VerifiedCache(std::size_t max_entries)
    : max_in_shard_(max_entries == 0 ? 0 : std::max<std::size_t>(max_entries / kShards, 1)) {}

// Ids are random and only those of real keys are stored, so nobody can choose collisions.
std::size_t VerifiedCache::HashId::operator()(const Id& id) const noexcept {
  std::uint64_t front = 0;
  std::uint32_t back = 0;
  std::memcpy(&front, id.data(), sizeof(front));
  std::memcpy(&back, id.data() + sizeof(front), sizeof(back));
  std::uint64_t hash = (front ^ (std::uint64_t{back} << 17)) * 0x9E3779B97F4A7C15u;
  return hash ^ (hash >> 32);
}

VerifiedCache::Id VerifiedCache::IdOf(std::string_view text) {
  Id id{};
  std::copy_n(text.begin(), std::min(text.size(), id.size()), id.begin());
  return id;
}

VerifiedCache::Shard& VerifiedCache::ShardOf(const Id& id) {
  return shards_[(HashId()(id) >> 40) % kShards];  // other bits than the map's buckets use
}

void VerifiedCache::PrefetchSlot(std::string_view text) {
  const Id id = IdOf(text);
  Shard& shard = ShardOf(id);
  MutexLock lock(shard.mutex);
  shard.slots.prefetch(id);
}

std::shared_ptr<const VerifiedKey> VerifiedCache::Find(std::string_view text, std::uint64_t revision) {
  if (IsChanging(revision)) return nullptr;
  const Id id = IdOf(text);
  Shard& shard = ShardOf(id);
  MutexLock lock(shard.mutex);
  const auto slot = shard.slots.find(id);
  return slot != shard.slots.end() && slot->second.revision == revision ? slot->second.key : nullptr;
}

void VerifiedCache::Put(std::shared_ptr<const VerifiedKey> key, std::uint64_t revision) {
  if (IsChanging(revision) || max_in_shard_ == 0) return;
  const Id id = IdOf(key->principal.key_id);
  Shard& shard = ShardOf(id);
  std::shared_ptr<const VerifiedKey> old;  // freed after the lock
  MutexLock lock(shard.mutex);
  if (shard.slots.size() >= max_in_shard_ && !shard.slots.contains(id)) MakeRoom(shard);
  Slot& slot = shard.slots[id];
  old = std::exchange(slot.key, std::move(key));
  slot.revision = revision;
}

// Any entry may go: one that is missed is read again.
void VerifiedCache::MakeRoom(Shard& shard) { shard.slots.erase(shard.slots.begin()); }

}  // namespace mcpgate
