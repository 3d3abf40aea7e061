// /v1/whoami
#include <utility>

#include "admin/tables.h"
#include "admin/views.h"

namespace mcpgate::admin {
namespace {

Json StandingJson(const LimitStanding& standing) {
  const auto millis = [](Nanos span) { return std::chrono::ceil<std::chrono::milliseconds>(span).count(); };
  return {{"limit", standing.policy->name},
          {"allowed", standing.policy->limit},
          {"window_ms", millis(standing.policy->window)},
          {"remaining", standing.remaining},
          {"full_again_ms", millis(standing.full_again)}};
}

Json StandingSchema() {
  const Json number = {{"type", "integer"}};
  return {{"type", "object"},
          {"required", {"limit", "allowed", "window_ms", "remaining", "full_again_ms"}},
          {"properties",
           {{"limit", {{"type", "string"}, {"description", "its name"}}},
            {"allowed", number},
            {"window_ms", number},
            {"remaining", number},
            {"full_again_ms", {{"type", "integer"}, {"description", "until nothing counts any more"}}}}}};
}

absl::StatusOr<ApiAnswer> WhoAmI(const Gate& gate, const ApiRequest& request) {
  const Principal& caller = request.caller;
  absl::StatusOr<std::vector<LimitStanding>> standings = gate.Standing(caller, "", "");
  if (!standings.ok()) return standings.status();
  Json limits = Json::array();
  for (const LimitStanding& standing : *standings) limits.push_back(StandingJson(standing));
  return ApiAnswer{.body = {{"key", caller.key_id},
                            {"family", caller.family},
                            {"name", caller.name},
                            {"tenant", caller.tenant},
                            {"principal", caller.principal.empty() ? Json() : Json(caller.principal)},
                            {"role", RoleName(caller.grants.role)},
                            {"operator", request.scope.is_operator()},
                            {"resources", caller.grants.resources},
                            {"limits", std::move(limits)}}};
}

Json CallerSchema() {
  const Json text = {{"type", "string"}};
  return {{"type", "object"},
          {"required", {"key", "family", "name", "tenant", "role", "operator", "resources", "limits"}},
          {"properties",
           {{"key", text},
            {"family", text},
            {"name", text},
            {"tenant", text},
            {"principal", {{"type", {"string", "null"}}}},
            {"role", text},
            {"operator", {{"type", "boolean"}, {"description", "sees every tenant"}}},
            {"resources", {{"type", "array"}, {"items", text}}},
            {"limits", {{"type", "array"}, {"items", {{"$ref", "#/components/schemas/LimitStanding"}}}}}}}};
}

}  // namespace

void AddCallerEndpoints(const Backends& backends, Api& api) {
  const Gate* gate = backends.gate;
  api.schemas["LimitStanding"] = StandingSchema();
  api.schemas["Caller"] = CallerSchema();
  api.endpoints.push_back({.method = "GET",
                           .path = "/v1/whoami",
                           .operation = "whoAmI",
                           .action = "self.show",
                           .tag = "You",
                           .summary = "The key you show: its rights and its limits",
                           .role = Role::kReader,
                           .effect = false,
                           .answers = "Caller",
                           .run = [gate](const ApiRequest& request) { return WhoAmI(*gate, request); }});
}

}  // namespace mcpgate::admin
