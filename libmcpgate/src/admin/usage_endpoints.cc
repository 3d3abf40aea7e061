// /v1/admin/usage
#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "admin/kind.h"
#include "admin/tables.h"
#include "admin/views.h"

namespace mcpgate::admin {
namespace {

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

absl::StatusOr<std::vector<BudgetStanding>> AccountsOfKey(Ledger& ledger, Keyring& keyring,
                                                          const ApiRequest& request) {
  const absl::StatusOr<KeyInfo> key = keyring.admin().Show(request.scope, request.Query("key"));
  if (!key.ok()) return key.status();
  const absl::StatusOr<KeyVerdict> verdict = keyring.Assess(request.Query("key"));
  if (!verdict.ok()) return verdict.status();
  if (verdict->principal == nullptr) return std::vector<BudgetStanding>();
  return ledger.Standing(*verdict->principal);
}

absl::StatusOr<AccountPage> ChosenAccounts(Ledger& ledger, Keyring& keyring, const ApiRequest& request) {
  if (!request.Query("key").empty()) {
    absl::StatusOr<std::vector<BudgetStanding>> accounts = AccountsOfKey(ledger, keyring, request);
    if (!accounts.ok()) return accounts.status();
    return AccountPage{.accounts = *std::move(accounts)};
  }
  const absl::StatusOr<Place> place = PlaceIn(request);
  if (!place.ok()) return place.status();
  AccountQuery query{.tenant = std::string(request.Query("tenant")),
                     .scope = ParseBudgetScope(request.Query("scope")),
                     .after = place->after,
                     .limit = place->limit};
  if (!request.scope.is_operator()) {
    if (!query.tenant.empty() && !request.scope.Covers(query.tenant)) return AccountPage();
    query.tenant = request.scope.tenant();
  }
  return ledger.Accounts(query);
}

absl::StatusOr<ApiAnswer> List(Ledger* ledger, Keyring& keyring, const ApiRequest& request) {
  if (ledger == nullptr) return absl::NotFoundError("this server keeps no budgets");
  const absl::StatusOr<AccountPage> page = ChosenAccounts(*ledger, keyring, request);
  if (!page.ok()) return page.status();
  Json items = Json::array();
  for (const BudgetStanding& account : page->accounts) items.push_back(AccountJson(account));
  return ApiAnswer{.body = PageJson(std::move(items), CursorOf(page->next))};
}

}  // namespace

void AddUsageEndpoints(const Backends& backends, Api& api) {
  api.schemas["BudgetAccount"] = AccountSchema();
  api.schemas["BudgetAccountPage"] = PageSchema("BudgetAccount");
  api.endpoints.push_back(
      {.method = "GET",
       .path = "/v1/admin/usage",
       .operation = "showUsage",
       .action = "admin.usage.show",
       .tag = "Usage",
       .summary = "What was spent of budgets in the present period",
       .effect = false,
       .query = PageParameters(
           {{"tenant", TextSchema(64, "an id"), "accounts of this tenant alone"},
            {"scope",
             {{"type", "string"}, {"enum", {"tenant", "team", "principal", "key"}}},
             "accounts of this kind alone"},
            {"key", TextSchema(64, "an id"), "all accounts that calls of this key are booked on"}}),
       .answers = "BudgetAccountPage",
       .problems = {404},
       .run = [ledger = backends.ledger, ring = backends.keyring](const ApiRequest& request) {
         return List(ledger, *ring, request);
       }});
}

}  // namespace mcpgate::admin
