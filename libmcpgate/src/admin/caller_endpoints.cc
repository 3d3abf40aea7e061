// /v1/whoami
#include <utility>

#include "admin/standing.h"
#include "admin/tables.h"
#include "admin/views.h"

namespace mcpgate::admin {
namespace {

absl::StatusOr<ApiAnswer> WhoAmI(const Gate& gate, const ApiRequest& request) {
  const Principal& caller = request.caller;
  absl::StatusOr<Json> limits = StandingsJson(gate, caller, "");
  if (!limits.ok()) return limits.status();
  return ApiAnswer{.body = {{"key", caller.key_id},
                            {"family", caller.family},
                            {"name", caller.name},
                            {"tenant", caller.tenant},
                            {"principal", caller.principal.empty() ? Json() : Json(caller.principal)},
                            {"role", RoleName(caller.grants.role)},
                            {"operator", request.scope.is_operator()},
                            {"resources", caller.grants.resources},
                            {"limits", *std::move(limits)}}};
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
