// Records whose MAC was checked, remembered for as long as the store has not changed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "base/crypto.h"
#include "base/mutex.h"
#include "keys/key_format.h"
#include "mcpgate/principal.h"

namespace mcpgate {

/// What Verify needs of an authentic record.
struct VerifiedKey {
  Principal principal;
  Digest hash;
  std::int64_t not_before = 0;
  std::int64_t expires_at = 0;
  std::int64_t revoked_at = 0;
};

/// VerifiedCache
///
/// Bounded; finding allocates nothing. Safe for concurrent use.
class VerifiedCache {
 public:
  explicit VerifiedCache(std::size_t max_entries);

  /// The key that was put at exactly this revision. An odd revision, a change under way, finds nothing.
  std::shared_ptr<const VerifiedKey> Find(std::string_view id, std::uint64_t revision);
  /// `revision` was read before the row was, so that a row that changed in between is never found.
  void Put(std::shared_ptr<const VerifiedKey> key, std::uint64_t revision);

 private:
  using Id = std::array<char, kKeyIdLength>;
  struct HashId {
    std::size_t operator()(const Id& id) const noexcept;
  };
  struct Slot {
    std::shared_ptr<const VerifiedKey> key;
    std::uint64_t revision = 0;
  };
  struct alignas(64) Shard {
    Mutex mutex;
    std::unordered_map<Id, Slot, HashId> slots;
    std::size_t hand = 0;  // the bucket that gives way next
  };
  static constexpr std::size_t kShards = 64;

  static Id IdOf(std::string_view text);
  Shard& ShardOf(const Id& id);
  static void MakeRoom(Shard& shard);

  const std::size_t max_in_shard_;
  std::array<Shard, kShards> shards_;
};

}  // namespace mcpgate
