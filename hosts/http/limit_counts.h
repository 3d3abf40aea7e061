// File: http/limit_counts.h
//
// What limits did, counted for /metrics. The labels are the names of configured limits, so nobody can make
// the series grow.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgate/gate.h"
#include "mcpgate/rate_limiter.h"

namespace mcpgate::hosts {

/// LimitCounts
///
/// Safe for concurrent use; counting takes no lock.
class LimitCounts {
 public:
  /// Of these limits, and no others.
  explicit LimitCounts(const std::vector<LimitPolicy>& limits);

  void Note(LimitEvent::Kind kind, const LimitPolicy& policy);
  /// Text format 0.0.4 of Prometheus.
  void Append(std::string& out) const;

 private:
  static constexpr std::size_t kKinds = 3;  // of LimitEvent::Kind
  struct Row {
    std::string name;
    LimitScope scope;
    std::array<std::atomic<std::uint64_t>, kKinds> counts{};
  };

  void AppendKind(std::string& out, LimitEvent::Kind kind, std::string_view name,
                  std::string_view help) const;

  std::deque<Row> rows_;  // not changed once made
};

}  // namespace mcpgate::hosts
