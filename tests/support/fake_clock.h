// A clock that stands still until it is told to move.
#pragma once

#include <atomic>

#include "mcpgate/clock.h"

namespace mcpgate::testing {

/// Safe for concurrent use.
class FakeClock : public Clock {
 public:
  /// Starts at 2026-01-01T00:00:00Z.
  FakeClock() = default;
  WallTime Now() const override { return WallTime(Nanos(wall_.load())); }
  Nanos Steady() const override { return Nanos(steady_.load()); }

  void Advance(Nanos by) {
    wall_ += by.count();
    steady_ += by.count();
  }
  /// Sets the wall clock, as an operator would; the steady clock does not notice.
  void SetWall(WallTime now) { wall_ = now.time_since_epoch().count(); }

 private:
  std::atomic<std::int64_t> wall_{1767225600LL * 1'000'000'000};
  std::atomic<std::int64_t> steady_{1'000'000'000};
};

}  // namespace mcpgate::testing
