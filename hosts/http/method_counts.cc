#include "http/method_counts.h"

#include <algorithm>

namespace mcpgate::hosts {

void MethodCounts::After(const AnsweredRequest& request, ServerAnswer& answer) {
  const auto known = std::find(kMethods.begin(), kMethods.end() - 1, request.method);
  const auto method = static_cast<std::size_t>(known - kMethods.begin());
  const Outcome outcome = answer.message.empty() ? kCancelled : answer.error_code != 0 ? kError : kResult;
  answered_[method][outcome].fetch_add(1, std::memory_order_relaxed);
  took_[method].Add(request.took);
}

void MethodCounts::Append(std::string& out) const {
  constexpr std::string_view kTotal = "mcpgate_mcp_requests_total";
  constexpr std::string_view kDuration = "mcpgate_mcp_request_duration_seconds";
  constexpr std::array<std::string_view, kOutcomes> kNames = {"result", "error", "cancelled"};
  Head(out, kTotal, "counter", "MCP requests that ended, by method and how.");
  for (std::size_t method = 0; method < kMethods.size(); ++method) {
    for (std::size_t outcome = 0; outcome < kOutcomes; ++outcome) {
      if (const std::uint64_t count = answered_[method][outcome]; count > 0) {
        Line(out, "{}{{method=\"{}\",outcome=\"{}\"}} {}", kTotal, kMethods[method], kNames[outcome], count);
      }
    }
  }
  Head(out, kDuration, "histogram",
       "From a whole MCP request to its answer; of a listen, how long it was open.");
  for (std::size_t method = 0; method < kMethods.size(); ++method) {
    if (!took_[method].empty())
      took_[method].Append(out, kDuration, fmt::format("method=\"{}\"", kMethods[method]));
  }
}

}  // namespace mcpgate::hosts
