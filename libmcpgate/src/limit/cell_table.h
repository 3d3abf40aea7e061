// The cells of the local limiter: sharded, bounded, and locked several at a time.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "base/mutex.h"
#include "limit/cell_map.h"
#include "limit/siphash.h"
#include "mcpgate/rate_limiter.h"

namespace mcpgate {

/// The most policies that one call may be charged for.
inline constexpr std::size_t kMaxCharges = 32;

/// CellTable
///
/// A cell is forgotten only when it is fresh again, so forgetting never forgives. When no cell can go,
/// newcomers share an overflow cell, one for each policy. Safe for concurrent use through Lock.
class CellTable {
 public:
  class Lock;

  explicit CellTable(std::size_t max_cells);

 private:
  struct alignas(64) Shard {
    Mutex mutex;
    CellMap cells MCPGATE_GUARDED_BY(mutex);
  };

  std::uint64_t HashOf(const LimitCharge& charge) const;
  // Other bits than the buckets of a shard use.
  std::size_t ShardOf(std::uint64_t hash) const { return (hash >> 48) % shard_count_; }

  const std::size_t shard_count_;
  const std::size_t max_in_shard_;
  const SipKey sip_key_;
  const std::unique_ptr<Shard[]> shards_;

  // Locked after any shards. `overflowing_` is set while an overflow cell counts something; then a newcomer
  // may not get a cell of its own, or it would have two.
  Mutex overflow_mutex_;
  std::map<std::string, Cell, std::less<>> overflow_ MCPGATE_GUARDED_BY(overflow_mutex_);  // by policy
  std::atomic<bool> overflowing_{false};
};

/// CellTable::Lock
///
/// Holds the shards of some charges, locked in order so that locks never wait for one another in a circle.
/// Cells stay where they are until it dies. Confine to one thread.
class CellTable::Lock {
 public:
  /// At most kMaxCharges, which outlive the lock. (Which mutexes these are turns out at run time: the
  /// analysis cannot follow those who lock and unlock them, and takes the others' word.)
  Lock(CellTable& table, std::span<const LimitCharge> charges) MCPGATE_NO_THREAD_ANALYSIS;
  ~Lock() MCPGATE_NO_THREAD_ANALYSIS;
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

  /// The cell that counts for charge `i`, or nullptr when none does and it would be a fresh one.
  Cell* Find(std::size_t i, std::int64_t now);
  /// The same, made when there is none.
  Cell& FindOrMake(std::size_t i, std::int64_t now);
  /// Undoes what FindOrMake has made.
  void ForgetMade();

 private:
  // Trivial, so that the seats that stay empty cost nothing.
  struct Seat {
    const LimitCharge* charge;
    std::uint64_t hash;
    Shard* shard;
    Cell* cell;
    bool made;
  };

  // The shards of all seats are locked from beginning to end.
  static CellMap& CellsOf(Shard& shard) MCPGATE_NO_THREAD_ANALYSIS { return shard.cells; }
  static CellName NameOf(const Seat& seat);
  Cell* FindOwn(Seat& seat);
  Cell* FindOverflow(const Seat& seat, std::int64_t now);
  bool MakeRoom(Shard& shard, std::int64_t now);
  bool IsInUse(const Cell* cell) const;
  void LockOverflow() MCPGATE_ASSERTS(table_.overflow_mutex_) MCPGATE_NO_THREAD_ANALYSIS;

  CellTable& table_;
  const std::size_t count_;
  std::size_t locked_count_ = 0;
  bool overflow_locked_ = false;
  std::int64_t now_ = 0;  // as of the last look at the overflow
  std::array<Seat, kMaxCharges> seats_;
  std::array<std::size_t, kMaxCharges> locked_;  // indices of shards, ascending, each once
};

}  // namespace mcpgate
