// /v1/admin/policies
#include <fmt/format.h>

#include <array>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "admin/tables.h"
#include "admin/views.h"

namespace mcpgate::admin {
namespace {

constexpr std::array kRoles = {Role::kReader, Role::kWriter, Role::kManager, Role::kModerator, Role::kAdmin};

ApiAnswer List(const Gate& gate) {
  const std::shared_ptr<const Policy> policy = gate.policy();
  const std::map<Role, RoleRules>& rules = policy->options().roles;
  Json items = Json::array();
  for (const Role role : kRoles) {
    const auto found = rules.find(role);
    const RoleRules own = found == rules.end() ? RoleRules() : found->second;
    items.push_back({{"role", RoleName(role)}, {"allow", own.allow}, {"deny", own.deny}});
  }
  return ApiAnswer{.body = PageJson(std::move(items), "")};
}

Json RulesSchema() {
  const auto list = [](std::string_view description) {
    return Json{{"type", "array"}, {"items", {{"type", "string"}}}, {"description", description}};
  };
  return {{"type", "object"},
          {"description", "What a role may, or may not, beyond what tools ask for."},
          {"required", {"role", "allow", "deny"}},
          {"properties",
           {{"role", {{"type", "string"}}},
            {"allow", list("patterns of tools; the roles above have them too")},
            {"deny", list("patterns of tools; for this role alone")}}}};
}

/// Tells what role is asked for.
class Needs {
 public:
  Needs(const Registry* registry, const Api& api) : registry_(registry) {
    for (const Endpoint& endpoint : api.endpoints) actions_.emplace(endpoint.action, endpoint.role);
  }

  // By the request itself; else of the tool as it is served here, or of an action of this service.
  absl::StatusOr<Role> Of(const Json& body) const {
    if (const std::string* named = FindString(body, "needs")) return RoleOf(*named).value_or(Role::kAdmin);
    const std::string tool = StringOr(body, "tool", "");
    const std::optional<Role> served = registry_ == nullptr ? std::nullopt : registry_->RoleOf(tool);
    if (served) return *served;
    if (const auto own = actions_.find(tool); own != actions_.end()) return own->second;
    return absl::NotFoundError("no tool of that name is served here; say in `needs` what role it asks for");
  }

 private:
  const Registry* const registry_;
  std::map<std::string, Role, std::less<>> actions_;
};

absl::StatusOr<ApiAnswer> Explain(const Gate& gate, Keyring& keyring, const Needs& needs,
                                  const ApiRequest& request) {
  const std::string id = StringOr(request.body, "key", ""), tool = StringOr(request.body, "tool", "");
  const absl::StatusOr<KeyInfo> key = keyring.admin().Show(request.scope, id);
  if (!key.ok()) return key.status();
  const absl::StatusOr<Role> needed = needs.Of(request.body);
  if (!needed.ok()) return needed.status();
  const absl::StatusOr<KeyVerdict> verdict = keyring.Assess(id);
  if (!verdict.ok()) return verdict.status();
  PolicyDecision decision{.rule = fmt::format("the key is refused: {}", KeyRefusalName(verdict->refusal))};
  if (verdict->refusal == KeyRefusal::kNone)
    decision = gate.policy()->Explain(*verdict->principal, tool, *needed);
  return ApiAnswer{.body = {{"key", id},
                            {"tool", tool},
                            {"needs", RoleName(*needed)},
                            {"allowed", decision.allowed},
                            {"rule", decision.rule}}};
}

Json QuestionSchema() {
  Json needs = RoleSchema();
  needs["description"] = "the role that the tool asks for, when it is not one of this server's";
  return {{"type", "object"},
          {"additionalProperties", false},
          {"required", {"key", "tool"}},
          {"properties",
           {{"key", TextSchema(64, "the id of a key or of a session")},
            {"tool", TextSchema(200, "its name, or that of an action such as admin.keys.create")},
            {"needs", std::move(needs)}}}};
}

Json DecisionSchema() {
  const Json text = {{"type", "string"}};
  return {{"type", "object"},
          {"required", {"key", "tool", "needs", "allowed", "rule"}},
          {"properties",
           {{"key", text},
            {"tool", text},
            {"needs", text},
            {"allowed", {{"type", "boolean"}}},
            {"rule", {{"type", "string"}, {"description", "what decided"}}}}}};
}

}  // namespace

void AddPolicyEndpoints(const Backends& backends, Api& api) {
  const Gate* gate = backends.gate;
  api.schemas["RoleRules"] = RulesSchema();
  api.schemas["RoleRulesPage"] = PageSchema("RoleRules");
  api.schemas["Decision"] = DecisionSchema();
  const auto needs = std::make_shared<const Needs>(backends.registry, api);
  api.endpoints.push_back(
      {.method = "GET",
       .path = "/v1/admin/policies",
       .operation = "listPolicies",
       .action = "admin.policies.list",
       .tag = "Policies",
       .summary = "The rules in force, by role",
       .effect = false,
       .answers = "RoleRulesPage",
       .run = [gate](const ApiRequest&) -> absl::StatusOr<ApiAnswer> { return List(*gate); }});
  api.endpoints.push_back({.method = "POST",
                           .path = "/v1/admin/policies:explain",
                           .operation = "explainPolicy",
                           .action = "admin.policies.explain",
                           .tag = "Policies",
                           .summary = "Whether a key may call a tool, and the rule that decides",
                           .effect = false,
                           .body = QuestionSchema(),
                           .answers = "Decision",
                           .problems = {404},
                           .run = [gate, needs, ring = backends.keyring](const ApiRequest& request) {
                             return Explain(*gate, *ring, *needs, request);
                           }});
}

}  // namespace mcpgate::admin
