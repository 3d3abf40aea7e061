// /v1/admin/limits, and how they stand for a key
#include <chrono>
#include <utility>

#include "admin/standing.h"
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

// Whom the limits count a key's calls for.
absl::StatusOr<Principal> HolderOf(Keyring& keyring, const TenantScope& scope, const KeyRecord& record) {
  Principal who{.key_id = record.id,
                .family = record.family,
                .tenant = record.tenant,
                .name = record.name,
                .grants = record.grants,
                .principal = record.principal};
  if (record.principal.empty()) return who;
  const absl::StatusOr<KeyHolder> holder =
      keyring.people().ShowHolder(scope, record.tenant, record.principal);
  if (!holder.ok()) return holder.status();
  who.team = holder->team;
  return who;
}

absl::StatusOr<ApiAnswer> Stand(const Gate& gate, Keyring& keyring, const ApiRequest& request) {
  const absl::StatusOr<KeyInfo> key = keyring.admin().Show(request.scope, request.Path("id"));
  if (!key.ok()) return key.status();
  if (key->state == KeyInfo::State::kTampered)
    return absl::FailedPreconditionError("this key was tampered with: " + key->problem);
  const absl::StatusOr<Principal> who = HolderOf(keyring, request.scope, key->record);
  if (!who.ok()) return who.status();
  absl::StatusOr<Json> standings = StandingsJson(gate, *who, request.Query("tool"));
  if (!standings.ok()) return standings.status();
  return ApiAnswer{.body = {{"items", *std::move(standings)}}};
}

Json StandingsSchema() {
  return {{"type", "object"},
          {"required", {"items"}},
          {"properties",
           {{"items", {{"type", "array"}, {"items", {{"$ref", "#/components/schemas/LimitStanding"}}}}}}}};
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
  Keyring* ring = backends.keyring;
  api.schemas["LimitStandings"] = StandingsSchema();
  api.endpoints.push_back(
      {.method = "GET",
       .path = "/v1/admin/api-keys/{id}/limits",
       .operation = "showKeyLimits",
       .action = "admin.limits.show",
       .tag = "Limits",
       .summary = "How much of each limit a key has used",
       .effect = false,
       .query = {{"tool", TextSchema(200, "a name"), "for limits that count each tool by itself"}},
       .answers = "LimitStandings",
       .problems = {404, 409},
       .run = [gate, ring](const ApiRequest& request) { return Stand(*gate, *ring, request); }});
}

}  // namespace mcpgate::admin
