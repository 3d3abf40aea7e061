// File: discord/invalid_requests.h
//
// Discord bans an address that collects 10,000 answers of 401, 403 and 429 (other than shared) within ten
// minutes. This counts ours.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/mutex.h"
#include "mcpgate/clock.h"
#include "mcpgate/export.h"

namespace mcpgate {

/// InvalidRequests
///
/// Counts at least ten minutes back, at most ten seconds more. Safe for concurrent use.
class MCPGATE_EXPORT InvalidRequests {
 public:
  static constexpr std::int64_t kConcern = 1'000;  ///< worth an operator's look
  static constexpr std::int64_t kStop = 5'000;     ///< no further request leaves

  void Record(Nanos now);
  std::int64_t Count(Nanos now) const;
  /// How long no request may leave; nullopt: it may.
  std::optional<Nanos> StoppedFor(Nanos now) const;

 private:
  static constexpr Nanos kSlot = std::chrono::seconds(10);
  static constexpr std::int64_t kSlots = 61;
  struct Slot {
    std::int64_t number = -kSlots;  // time / kSlot
    std::int64_t count = 0;
  };
  bool Counts(const Slot& slot, Nanos now) const { return slot.number > now / kSlot - kSlots; }

  mutable Mutex mutex_;
  std::array<Slot, kSlots> slots_ MCPGATE_GUARDED_BY(mutex_);
};

}  // namespace mcpgate
