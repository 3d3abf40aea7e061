// /v1/admin/usage
#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "admin/tables.h"
#include "admin/views.h"

namespace mcpgate::admin {
namespace {

constexpr std::size_t kMostAccounts = 10'000;

Json MomentJson(const std::optional<WallTime>& time) {
  if (!time) return nullptr;
  return TimeJson(std::chrono::floor<std::chrono::milliseconds>(*time).time_since_epoch().count());
}

Json AccountJson(const BudgetStanding& account) {
  const BudgetRule& rule = *account.rule;
  return {{"budget", rule.name},
          {"scope", BudgetScopeName(rule.scope)},
          {"account", account.account},
          {"unit", BudgetUnitName(rule.unit)},
          {"period", BudgetPeriodName(rule.period)},
          {"limit", rule.limit},
          {"spent", account.spent},
          {"reserved", account.reserved},
          {"remaining", std::max<std::int64_t>(0, rule.limit - account.spent - account.reserved)},
          {"since", rule.period == BudgetPeriod::kTotal ? Json() : MomentJson(account.since)},
          {"until", MomentJson(account.until)}};
}

Json AccountSchema() {
  const Json text = {{"type", "string"}}, number = {{"type", "integer"}};
  return {{"type", "object"},
          {"required",
           {"budget", "scope", "account", "unit", "period", "limit", "spent", "reserved", "remaining",
            "since", "until"}},
          {"properties",
           {{"budget", {{"type", "string"}, {"description", "its name"}}},
            {"scope", {{"enum", {"tenant", "team", "principal", "key"}}}},
            {"account",
             {{"type", "string"},
              {"description", "the tenant, TENANT/ID of a team or principal, a key's family"}}},
            {"unit", {{"enum", {"calls", "cost"}}}},
            {"period", {{"enum", {"hour", "day", "week", "month", "total"}}}},
            {"limit", number},
            {"spent", number},
            {"reserved", {{"type", "integer"}, {"description", "by calls under way"}}},
            {"remaining", number},
            {"since", TimeSchema()},
            {"until", TimeSchema()}}}};
}

/// Which accounts a request may see, and asks for.
class Chosen {
 public:
  Chosen(Keyring& keyring, const ApiRequest& request)
      : keyring_(keyring),
        scope_(request.scope),
        tenant_(request.Query("tenant")),
        kind_(request.Query("scope")) {}

  bool Has(const BudgetStanding& account) const {
    if (!kind_.empty() && kind_ != BudgetScopeName(account.rule->scope)) return false;
    if (scope_.is_operator() && tenant_.empty()) return true;
    const std::string owner = OwnerOf(account);
    return !owner.empty() && scope_.Covers(owner) && (tenant_.empty() || tenant_ == owner);
  }

 private:
  // The tenant; empty when the key is gone, or another's.
  std::string OwnerOf(const BudgetStanding& account) const {
    if (account.rule->scope != BudgetScope::kKey) return account.account.substr(0, account.account.find('/'));
    const absl::StatusOr<KeyPage> family =
        keyring_.admin().List(scope_, {.family = account.account, .limit = 1});
    return family.ok() && !family->keys.empty() ? family->keys.front().record.tenant : std::string();
  }

  Keyring& keyring_;
  const TenantScope scope_;
  const std::string tenant_, kind_;
};

absl::StatusOr<std::vector<BudgetStanding>> AccountsOfKey(Ledger& ledger, Keyring& keyring,
                                                          const ApiRequest& request) {
  const absl::StatusOr<KeyInfo> key = keyring.admin().Show(request.scope, request.Query("key"));
  if (!key.ok()) return key.status();
  const absl::StatusOr<KeyVerdict> verdict = keyring.Assess(request.Query("key"));
  if (!verdict.ok()) return verdict.status();
  if (verdict->principal == nullptr) return std::vector<BudgetStanding>();
  return ledger.Standing(*verdict->principal);
}

absl::StatusOr<ApiAnswer> List(Ledger* ledger, Keyring& keyring, const ApiRequest& request) {
  if (ledger == nullptr) return absl::NotFoundError("this server keeps no budgets");
  const bool is_of_key = !request.Query("key").empty();
  const absl::StatusOr<std::vector<BudgetStanding>> accounts =
      is_of_key ? AccountsOfKey(*ledger, keyring, request) : ledger->Accounts(kMostAccounts);
  if (!accounts.ok()) return accounts.status();
  const Chosen chosen(keyring, request);
  Json items = Json::array();
  for (const BudgetStanding& account : *accounts) {
    if (is_of_key || chosen.Has(account)) items.push_back(AccountJson(account));
  }
  const bool is_complete = is_of_key || accounts->size() < kMostAccounts;
  return ApiAnswer{.body = {{"items", std::move(items)}, {"complete", is_complete}}};
}

}  // namespace

void AddUsageEndpoints(const Backends& backends, Api& api) {
  api.schemas["BudgetAccount"] = AccountSchema();
  api.schemas["Usage"] = {
      {"type", "object"},
      {"required", {"items", "complete"}},
      {"properties",
       {{"items", {{"type", "array"}, {"items", {{"$ref", "#/components/schemas/BudgetAccount"}}}}},
        {"complete", {{"type", "boolean"}, {"description", "false: there are more; ask for one key's"}}}}}};
  api.endpoints.push_back(
      {.method = "GET",
       .path = "/v1/admin/usage",
       .operation = "showUsage",
       .action = "admin.usage.show",
       .tag = "Usage",
       .summary = "What was spent of budgets in the present period",
       .effect = false,
       .query = {{"tenant", TextSchema(64, "an id"), "accounts of this tenant alone"},
                 {"scope",
                  {{"type", "string"}, {"enum", {"tenant", "team", "principal", "key"}}},
                  "accounts of this kind alone"},
                 {"key", TextSchema(64, "an id"), "the accounts that calls of this key are booked on"}},
       .answers = "Usage",
       .problems = {404},
       .run = [ledger = backends.ledger, ring = backends.keyring](const ApiRequest& request) {
         return List(ledger, *ring, request);
       }});
}

}  // namespace mcpgate::admin
