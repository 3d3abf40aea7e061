#include "admin/standing.h"

#include <chrono>
#include <set>
#include <string>

namespace mcpgate::admin {
namespace {

bool CountsEachTool(LimitScope scope) {
  return scope == LimitScope::kTool || scope == LimitScope::kKeyAndTool;
}

Json StandingJson(const LimitStanding& standing) {
  const auto millis = [](Nanos span) { return std::chrono::ceil<std::chrono::milliseconds>(span).count(); };
  const LimitPolicy& policy = *standing.policy;
  return {{"limit", policy.name},
          {"scope", LimitScopeName(policy.scope)},
          {"applies_to", policy.applies_to.empty() ? Json() : Json(policy.applies_to)},
          {"allowed", policy.limit},
          {"window_ms", millis(policy.window)},
          {"burst", policy.burst},
          {"remaining", standing.remaining},
          {"full_again_ms", millis(standing.full_again)}};
}

}  // namespace

absl::StatusOr<Json> StandingsJson(const Gate& gate, const Principal& who, std::string_view tool) {
  std::set<std::string_view> classes = {""}, told;
  for (const LimitPolicy& limit : gate.limits()) classes.insert(limit.applies_to);
  Json list = Json::array();
  for (const std::string_view limit_class : classes) {
    const absl::StatusOr<std::vector<LimitStanding>> standings = gate.Standing(who, tool, limit_class);
    if (!standings.ok()) return standings.status();
    for (const LimitStanding& standing : *standings) {
      if (tool.empty() && CountsEachTool(standing.policy->scope)) continue;
      if (told.insert(standing.policy->name).second) list.push_back(StandingJson(standing));
    }
  }
  return list;
}

Json StandingSchema() {
  const Json number = {{"type", "integer"}};
  return {
      {"type", "object"},
      {"required", {"limit", "allowed", "window_ms", "burst", "remaining", "full_again_ms"}},
      {"properties",
       {{"limit", {{"type", "string"}, {"description", "its name"}}},
        {"scope", {{"type", "string"}, {"description", "whom it counts together"}}},
        {"applies_to", {{"type", {"string", "null"}}, {"description", "a class of tools; null: every call"}}},
        {"allowed", number},
        {"window_ms", number},
        {"burst", {{"type", "integer"}, {"description", "of a steady rate: as many at once; else 0"}}},
        {"remaining", number},
        {"full_again_ms", {{"type", "integer"}, {"description", "until nothing counts any more"}}}}}};
}

}  // namespace mcpgate::admin
