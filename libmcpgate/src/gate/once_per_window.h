// File: gate/once_per_window.h
//
// What is worth saying once, and not at each call.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/mutex.h"
#include "mcpgate/clock.h"

namespace mcpgate {

/// OncePerWindow
///
/// Remembers at most kMost things; while it is full of things that are not over, it takes no new one. Safe
/// for concurrent use.
class OncePerWindow {
 public:
  static constexpr std::size_t kMost = 4096;

  explicit OncePerWindow(const Clock& clock) : clock_(clock) {}

  /// True when the three together were not told in the last `window`, and are from now on.
  bool IsFirst(std::string_view kind, std::string_view name, std::string_view partition, Nanos window);

 private:
  const Clock& clock_;
  Mutex mutex_;
  std::unordered_map<std::string, Nanos> over_at_ MCPGATE_GUARDED_BY(mutex_);  // steady time
};

}  // namespace mcpgate
