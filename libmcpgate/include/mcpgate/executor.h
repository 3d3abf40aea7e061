// File: executor.h
//
// Where pooled handlers run.
#pragma once

#include <cstddef>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "mcpgate/export.h"

namespace mcpgate {

/// Executor
///
/// Safe for concurrent use.
class MCPGATE_EXPORT Executor {
 public:
  virtual ~Executor() = default;
  /// Runs `work` soon on another thread; false, at once, when it has no room for it.
  virtual bool Submit(absl::AnyInvocable<void()> work) = 0;
};

struct ThreadPoolOptions {
  std::size_t threads = 8;  ///< started when first needed
  std::size_t queue = 256;  ///< work that may wait; beyond it Submit says no
};
/// Joins its threads when destroyed; work that still waits is run first.
MCPGATE_EXPORT std::unique_ptr<Executor> NewThreadPool(ThreadPoolOptions options = {});

}  // namespace mcpgate
