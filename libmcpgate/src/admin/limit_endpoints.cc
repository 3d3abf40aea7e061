// /v1/admin/limits
#include <chrono>
#include <utility>

#include "admin/tables.h"
#include "admin/views.h"

namespace mcpgate::admin {
namespace {

Json LimitJson(const LimitPolicy& limit) {
  return {{"name", limit.name},
          {"algorithm", LimitAlgorithmName(limit.algorithm)},
          {"scope", LimitScopeName(limit.scope)},
          {"applies_to", limit.applies_to.empty() ? Json() : Json(limit.applies_to)},
          {"limit", limit.limit},
          {"window_ms", std::chrono::ceil<std::chrono::milliseconds>(limit.window).count()},
          {"burst", limit.burst}};
}

Json LimitSchema() {
  const Json text = {{"type", "string"}}, number = {{"type", "integer"}};
  return {
      {"type", "object"},
      {"required", {"name", "algorithm", "scope", "applies_to", "limit", "window_ms", "burst"}},
      {"properties",
       {{"name", text},
        {"algorithm", text},
        {"scope", {{"type", "string"}, {"description", "whom it counts together"}}},
        {"applies_to", {{"type", {"string", "null"}}, {"description", "a class of tools; null: every call"}}},
        {"limit", number},
        {"window_ms", number},
        {"burst", number}}}};
}

absl::StatusOr<ApiAnswer> List(const Gate& gate) {
  Json items = Json::array();
  for (const LimitPolicy& limit : gate.limits()) items.push_back(LimitJson(limit));
  return ApiAnswer{.body = PageJson(std::move(items), "")};
}

}  // namespace

void AddLimitEndpoints(const Backends& backends, Api& api) {
  const Gate* gate = backends.gate;
  api.schemas["Limit"] = LimitSchema();
  api.schemas["LimitPage"] = PageSchema("Limit");
  api.endpoints.push_back({.method = "GET",
                           .path = "/v1/admin/limits",
                           .operation = "listLimits",
                           .action = "admin.limits.list",
                           .tag = "Limits",
                           .summary = "The limits that rule calls",
                           .effect = false,
                           .answers = "LimitPage",
                           .run = [gate](const ApiRequest&) { return List(*gate); }});
}

}  // namespace mcpgate::admin
