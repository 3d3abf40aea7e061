// What the rows around a key say about it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "keys/key_book.h"

namespace mcpgate {

struct Standing {
  KeyRefusal refusal = KeyRefusal::kNone;  ///< whatever does not depend on the time of the call
  std::int64_t expires_at = 0;             ///< the earliest end; 0: never
  std::string team{};
  std::shared_ptr<const Grants> ceiling{};  ///< a session's: what its parent may
};

/// Standings
///
/// Tenants, teams and principals as of one revision, so that keys of the same owners do not read them again
/// and again. Bounded. Safe for concurrent use.
class Standings {
 public:
  /// `book` outlives it.
  explicit Standings(const KeyBook& book) : book_(book) {}

  /// Of an authentic `record` that was read after `revision` was. DataLoss when a row around it is not
  /// authentic.
  absl::StatusOr<Standing> Of(const KeyRecord& record, std::uint64_t revision);

 private:
  /// What one row says about the keys below it.
  struct Owner {
    bool is_there = false;
    bool is_off = false;
    std::string team{};
  };
  absl::StatusOr<Owner> Find(PersonKind kind, const std::string& tenant, const std::string& id,
                             std::uint64_t revision);
  absl::StatusOr<Owner> Read(PersonKind kind, const std::string& tenant, const std::string& id) const;
  absl::Status AddHolder(const KeyRecord& record, std::uint64_t revision, Standing& standing);
  absl::Status AddParent(const KeyRecord& record, Standing& standing) const;

  const KeyBook& book_;
  Mutex mutex_;
  std::uint64_t revision_ MCPGATE_GUARDED_BY(mutex_) = 1;  ///< odd: of no revision
  absl::flat_hash_map<std::string, Owner> owners_ MCPGATE_GUARDED_BY(mutex_);
};

}  // namespace mcpgate
