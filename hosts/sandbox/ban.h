// The edge's patience: who is refused too often is shut out for a while.
#pragma once

#include <cstdint>

#include "sandbox/http_message.h"
#include "sandbox/sandbox.h"

namespace mcpgate::sandbox {

/// Ban
///
/// Counts 401, 403 and 429 (a 429 of scope "shared" excepted) in windows of ten minutes, and stands for the
/// rest of a window in which there were too many. Not thread-safe.
class Ban {
 public:
  explicit Ban(const SandboxOptions& options) : options_(options) {}
  bool Stands();
  void Count(const HttpAnswer& answer);

 private:
  const SandboxOptions& options_;
  Nanos window_ends_{0};
  int refused_ = 0;
};

}  // namespace mcpgate::sandbox
