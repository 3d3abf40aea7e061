// /v1/admin/policies and /v1/admin/usage, as a client sees them.
#include <algorithm>

#include "service.h"

namespace mcpgate::testing {
namespace {

constexpr char kExplain[] = "/v1/admin/policies:explain", kUsage[] = "/v1/admin/usage";

TEST_CASE("the rules in force are shown by role") {
  Service service({}, {}, {{Role::kWriter, {.allow = {"deploy_*"}, .deny = {"deploy_production"}}}});
  const Json items = service.Ask(service.operator_key(), "GET", "/v1/admin/policies").body["items"];
  REQUIRE(items.size() == 5);
  CHECK(items[1] == Json{{"role", "writer"}, {"allow", {"deploy_*"}}, {"deny", {"deploy_production"}}});
  CHECK(items[0]["allow"].empty());
}

TEST_CASE("it is explained which rule lets a key call a tool, or does not") {
  Service service({}, {}, {{Role::kWriter, {.allow = {"deploy_*"}, .deny = {"deploy_production"}}}});
  const std::string writer = service.NewKey({.role = Role::kWriter}), id = service.IdOf(writer);
  const auto explain = [&](const Json& question) {
    return service.Ask(service.operator_key(), "POST", kExplain, question);
  };
  const Answer yes = explain({{"key", id}, {"tool", "deploy_test"}, {"needs", "admin"}});
  REQUIRE(yes.status == 200);
  CHECK(yes.body["allowed"] == true);
  CHECK(yes.body["rule"].get<std::string>().find("deploy_*") != std::string::npos);
  const Answer no = explain({{"key", id}, {"tool", "deploy_production"}, {"needs", "reader"}});
  CHECK(no.body["allowed"] == false);
  CHECK(no.body["rule"].get<std::string>().find("deploy_production") != std::string::npos);
  CHECK(explain({{"key", id}, {"tool", "admin.keys.create"}}).body["needs"] == "admin");
  CHECK(explain({{"key", id}, {"tool", "unheard_of"}}).status == 404);
  CHECK(explain({{"key", "nobody"}, {"tool", "deploy_test"}, {"needs", "admin"}}).status == 404);
}

TEST_CASE("of a key that is refused the reason is that, whatever its rights") {
  Service service;
  const std::string id = service.IdOf(service.NewKey({.role = Role::kAdmin}));
  service.Ask(service.operator_key(), "DELETE", "/v1/admin/api-keys/" + id);
  const Answer answer = service.Ask(service.operator_key(), "POST", kExplain,
                                    {{"key", id}, {"tool", "x"}, {"needs", "reader"}});
  CHECK(answer.body["allowed"] == false);
  CHECK(answer.body["rule"] == "the key is refused: revoked");
}

TEST_CASE("a session is explained by what both it and its key may") {
  Service service;
  const std::string key = service.NewKey({.role = Role::kWriter});
  const Answer minted = service.Ask(key, "POST", "/v1/mcp/tokens", {{"name", "s"}, {"role", "reader"}});
  const Json question = {{"key", minted.body["key"]["id"]}, {"tool", "write"}, {"needs", "writer"}};
  CHECK(service.Ask(service.operator_key(), "POST", kExplain, question).body["allowed"] == false);
}

TEST_CASE("no decision about another tenant's key is explained") {
  Service service;
  REQUIRE(service.Ask(service.operator_key(), "POST", "/v1/admin/tenants", {{"id", "acme"}}).status == 201);
  const std::string acme = service.NewKey({.role = Role::kAdmin}, "acme");
  const std::string id = service.IdOf(service.NewKey({}));
  CHECK(service.Ask(acme, "POST", kExplain, {{"key", id}, {"tool", "x"}, {"needs", "reader"}}).status == 404);
}

TEST_CASE("without budgets there is no usage, and that is said") {
  Service service;
  const Answer answer = service.Ask(service.operator_key(), "GET", kUsage);
  CHECK(answer.status == 404);
  CHECK(answer.Detail() == "this server keeps no budgets");
}

const std::vector<BudgetRule> kBudgets = {
    {.name = "tenants", .scope = BudgetScope::kTenant, .limit = 100, .period = BudgetPeriod::kDay},
    {.name = "keys", .scope = BudgetScope::kKey, .limit = 50, .period = BudgetPeriod::kTotal}};

TEST_CASE("what a key and its tenant have spent is shown, with what is left") {
  Service service({}, kBudgets);
  const std::string key = service.NewKey({});
  const std::string id = service.IdOf(key);  // a call
  service.Ask(key, "GET", "/v1/whoami");
  const Answer answer = service.Ask(service.operator_key(), "GET", std::string(kUsage) + "?key=" + id);
  REQUIRE(answer.status == 200);
  REQUIRE(answer.body["items"].size() == 2);
  const Json& own = answer.body["items"][1];
  CHECK(own["budget"] == "keys");
  CHECK(own["account"] == id);
  CHECK(own["spent"] == 2);
  CHECK(own["remaining"] == 48);
  CHECK(own["until"].is_null());
  CHECK(answer.body["items"][0]["until"] == "2026-01-02T00:00:00.000Z");
}

TEST_CASE("an administrator sees what their own tenant has spent, and no other") {
  Service service({}, kBudgets);
  REQUIRE(service.Ask(service.operator_key(), "POST", "/v1/admin/tenants", {{"id", "acme"}}).status == 201);
  const std::string acme = service.NewKey({.role = Role::kAdmin}, "acme");
  const std::string other = service.IdOf(service.NewKey({}));
  const Json items = service.Ask(acme, "GET", kUsage).body["items"];
  REQUIRE(items.size() == 2);
  CHECK(items[0]["account"] == "acme");
  CHECK(items[1]["account"] == service.IdOf(acme));
  CHECK(service.Ask(acme, "GET", std::string(kUsage) + "?tenant=default").body["items"].empty());
  CHECK(service.Ask(acme, "GET", std::string(kUsage) + "?key=" + other).status == 404);
  const Json tenants = service.Ask(service.operator_key(), "GET", std::string(kUsage) + "?scope=tenant").body;
  CHECK(tenants["items"].size() == 2);
}

TEST_CASE("accounts come in pages") {
  Service service({}, kBudgets);
  for (int i = 0; i < 3; ++i) service.Ask(service.NewKey({}), "GET", "/v1/whoami");
  std::string query = "?scope=key&limit=2", seen;
  for (int pages = 0; pages < 5; ++pages) {
    const Answer answer = service.Ask(service.operator_key(), "GET", kUsage + query);
    REQUIRE(answer.status == 200);
    CHECK(answer.body["items"].size() <= 2);
    for (const Json& each : answer.body["items"]) seen += each["account"].get<std::string>() + " ";
    if (answer.body["next"].is_null()) break;
    query = "?scope=key&limit=2&cursor=" + answer.body["next"].get<std::string>();
  }
  CHECK(std::count(seen.begin(), seen.end(), ' ') == 4);  // with the operator's own
}

}  // namespace
}  // namespace mcpgate::testing
