// File: storage/sqlite/lease_purse.h
//
// Units this process has leased from the store and not spent yet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "mcpgate/clock.h"
#include "mcpgate/rate_limiter.h"

namespace mcpgate::sqlite {

/// Both clocks: a lease ends when either says so, and when the wall clock is set back.
struct Instant {
  std::int64_t wall = 0;
  std::int64_t steady = 0;
  static Instant Of(const Clock& clock) {
    return {.wall = clock.Now().time_since_epoch().count(), .steady = clock.Steady().count()};
  }
};

/// One lease: what is left of units that the store charged at `since` under `token`.
struct Lease {
  std::int64_t token = 0;
  std::int64_t units = 0;
  Instant since;
  std::int64_t in_store = 0;  ///< units the store had left then
};

/// A lease that can no longer be spent, to be given back.
struct Leftover {
  LimitPolicy policy;
  std::string partition;
  std::int64_t token = 0;
  std::int64_t units = 0;
};

/// LeasePurse
///
/// Bounded by the rate of leases: each lives for `kLeaseLife`. Safe for concurrent use.
class LeasePurse {
 public:
  struct Spent {
    std::int64_t token = 0;
    std::int64_t remaining = 0;  ///< here and, when last asked, in the store
  };

  /// Spends all or none of `charges`; an empty answer means none.
  std::vector<Spent> Spend(std::span<const LimitCharge> charges, Instant now);
  /// Returns units to the lease they came from; false when that is over.
  bool PutBack(const LimitPolicy& policy, std::string_view partition, std::int64_t token, std::int64_t units,
               Instant now);
  void Add(const LimitPolicy& policy, std::string_view partition, const Lease& lease);
  std::int64_t Unspent(const LimitPolicy& policy, std::string_view partition, Instant now);
  /// Takes out up to `max` leases that are over, or any with `all`.
  std::vector<Leftover> TakeLeftovers(Instant now, std::size_t max, bool all = false);

 private:
  using Name = std::pair<std::string, std::string>;  // policy, partition
  using NameView = std::pair<std::string_view, std::string_view>;
  struct Less {
    using is_transparent = void;
    bool operator()(const auto& a, const auto& b) const {
      return NameView(a.first, a.second) < NameView(b.first, b.second);
    }
  };
  struct Cell {
    LimitPolicy policy;
    std::vector<Lease> leases;
  };

  Lease* FindLease(const LimitCharge& charge, Instant now) MCPGATE_REQUIRES(mutex_);

  Mutex mutex_;
  std::map<Name, Cell, Less> cells_ MCPGATE_GUARDED_BY(mutex_);
  std::deque<std::pair<Instant, Name>> by_age_ MCPGATE_GUARDED_BY(mutex_);  ///< one entry a lease
};

}  // namespace mcpgate::sqlite
