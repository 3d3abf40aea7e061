#include "http/limit_counts.h"

#include "http/prometheus.h"

namespace mcpgate::hosts {

LimitCounts::LimitCounts(const std::vector<LimitPolicy>& limits) {
  for (const LimitPolicy& policy : limits) {
    Row& row = rows_.emplace_back();
    row.name = policy.name;
    row.scope = policy.scope;
  }
}

void LimitCounts::Note(LimitEvent::Kind kind, const LimitPolicy& policy) {
  for (Row& row : rows_) {
    if (row.scope != policy.scope || row.name != policy.name) continue;
    row.counts[static_cast<std::size_t>(kind)].fetch_add(1, std::memory_order_relaxed);
    return;
  }
}

void LimitCounts::AppendKind(std::string& out, LimitEvent::Kind kind, std::string_view name,
                             std::string_view help) const {
  Head(out, name, "counter", help);
  for (const Row& row : rows_) {
    Line(out, "{}{{limit=\"{}\",scope=\"{}\"}} {}", name, row.name, LimitScopeName(row.scope),
         row.counts[static_cast<std::size_t>(kind)].load());
  }
}

void LimitCounts::Append(std::string& out) const {
  using Kind = LimitEvent::Kind;
  AppendKind(out, Kind::kRefused, "mcpgate_limit_refusals_total", "Calls and requests that a limit refused.");
  AppendKind(out, Kind::kNear, "mcpgate_limit_near_total",
             "Counters that were four fifths used; once a window each.");
  AppendKind(out, Kind::kShadow, "mcpgate_limit_shadow_refusals_total",
             "What limits in shadow mode would have refused.");
}

}  // namespace mcpgate::hosts
