// The limits of the benchmarks that measure a whole decision.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "mcpgate/rate_limiter.h"

namespace mcpgate::bench {

/// Four limits that are decided in memory at every call, and are too high to refuse one.
inline std::vector<LimitPolicy> FourLimits() {
  const auto limit = [](const char* name, LimitAlgorithm algorithm, LimitScope scope, std::int64_t count) {
    return LimitPolicy{.name = name,
                       .algorithm = algorithm,
                       .scope = scope,
                       .limit = count,
                       .window = std::chrono::seconds(1)};
  };
  return {limit("global", LimitAlgorithm::kGcra, LimitScope::kGlobal, 100'000'000),
          limit("tenant", LimitAlgorithm::kGcra, LimitScope::kTenant, 100'000'000),
          limit("key", LimitAlgorithm::kExact, LimitScope::kKey, 100'000),
          limit("tool", LimitAlgorithm::kGcra, LimitScope::kTool, 100'000'000)};
}

}  // namespace mcpgate::bench
