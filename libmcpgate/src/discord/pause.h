// File: discord/pause.h
//
// How a call waits inside itself: for a rate limit, or before it tries again.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <stop_token>

#include "base/mutex.h"
#include "mcpgate/clock.h"
#include "mcpgate/export.h"

namespace mcpgate {

/// Pause
///
/// Passed in, so that a test waits without time going by. Safe for concurrent use.
class MCPGATE_EXPORT Pause {
 public:
  virtual ~Pause() = default;
  /// Waits on `signal` until `ended()`, `stop`, or the clock reads `until` (Clock::Steady()).
  virtual void Until(CondLock& lock, std::condition_variable_any& signal, std::stop_token stop, Nanos until,
                     const std::function<bool()>& ended) = 0;
};

/// Waits in real time for what `clock` says is left.
MCPGATE_EXPORT std::unique_ptr<Pause> NewClockPause(const Clock& clock);

}  // namespace mcpgate
