// A handler that is under way for as long as a test wants.
#pragma once

#include <condition_variable>
#include <mutex>

#include "mcpgate/tool.h"

namespace mcpgate::testing {

/// Reports progress once, and waits until it is told to stop, without a clock.
inline absl::StatusOr<ToolResult> WaitForStop(const Json&, CallContext& context) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  context.Progress(1, 2, "waiting");
  stopped.wait(lock, context.stop_token(), [] { return false; });
  return absl::CancelledError("stopped");
}

}  // namespace mcpgate::testing
