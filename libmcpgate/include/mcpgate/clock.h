// File: clock.h
//
// Time, passed in. Everything that decides by time takes a Clock, so that a test can turn it.
#pragma once

#include <chrono>

#include "mcpgate/export.h"

namespace mcpgate {

/// A span of time; the library's only unit is the nanosecond.
using Nanos = std::chrono::nanoseconds;

/// A moment of wall time, nanoseconds since the Unix epoch, UTC.
using WallTime = std::chrono::sys_time<Nanos>;

/// Clock
///
/// Two readings: `Now()` may jump when the machine's clock is set and is what survives a restart (expiry,
/// audit, windows of a minute and more); `Steady()` never goes back and means nothing to another process.
/// Safe for concurrent use.
class MCPGATE_EXPORT Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime Now() const = 0;
  virtual Nanos Steady() const = 0;

  /// The machine's clock. Lives as long as the program.
  static const Clock& System();
};

}  // namespace mcpgate
