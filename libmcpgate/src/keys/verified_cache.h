// Records whose MAC was checked, remembered for as long as the store has not changed.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/crypto.h"
#include "base/mutex.h"
#include "keys/key_format.h"
#include "keys/network.h"
#include "mcpgate/key_store.h"
#include "mcpgate/principal.h"

namespace mcpgate {

/// What Verify needs of an authentic record.
struct VerifiedKey {
  // First, beside the reference count: a verification reads these and not much more.
  ShortTag tag;                               ///< of the whole token, under a key of this process
  mutable std::atomic<std::int64_t> uses{0};  ///< since they were last written down
  std::int64_t not_before = 0;
  std::int64_t expires_at = 0;
  KeyRefusal refusal = KeyRefusal::kNone;                ///< whatever time and place do not change
  std::unique_ptr<const std::vector<Network>> networks;  ///< null: from anywhere
  Principal principal;
};

/// VerifiedCache
///
/// Bounded; finding allocates nothing. Safe for concurrent use.
class VerifiedCache {
 public:
  explicit VerifiedCache(std::size_t max_entries);

  /// Starts to load what `Find` will read. With many keys that is memory no cache of the processor holds, and
  /// the caller has a tag to compute meanwhile.
  void PrefetchSlot(std::string_view id);
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
    // A hit touches two cache lines, not a chain of nodes.
    absl::flat_hash_map<Id, Slot, HashId> slots MCPGATE_GUARDED_BY(mutex);
  };
  static constexpr std::size_t kShards = 64;

  static Id IdOf(std::string_view text);
  Shard& ShardOf(const Id& id);
  static void MakeRoom(Shard& shard) MCPGATE_REQUIRES(shard.mutex);

  const std::size_t max_in_shard_;
  std::array<Shard, kShards> shards_;
};

}  // namespace mcpgate
