// File: http/method_counts.h
//
// What the server answered, counted by method, on stdio and HTTP alike.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/prometheus.h"
#include "mcpgate/middleware.h"

namespace mcpgate::hosts {

/// MethodCounts
///
/// Each label is one of a fixed list. Safe for concurrent use; counting takes no lock.
class MethodCounts final : public Middleware {
 public:
  void After(const AnsweredRequest& request, ServerAnswer& answer) override;
  /// Its metrics, of the methods that were called.
  void Append(std::string& out) const;

 private:
  static constexpr std::array<std::string_view, 19> kMethods = {
      "tools/call",
      "tools/list",
      "server/discover",
      "initialize",
      "ping",
      "prompts/get",
      "prompts/list",
      "resources/read",
      "resources/list",
      "resources/templates/list",
      "resources/subscribe",
      "resources/unsubscribe",
      "subscriptions/listen",
      "tasks/get",
      "tasks/update",
      "tasks/cancel",
      "completion/complete",
      "logging/setLevel",
      "other",
  };
  enum Outcome : std::size_t { kResult, kError, kCancelled, kOutcomes };

  std::array<std::array<std::atomic<std::uint64_t>, kOutcomes>, kMethods.size()> answered_{};
  std::array<Histogram, kMethods.size()> took_{};
};

}  // namespace mcpgate::hosts
