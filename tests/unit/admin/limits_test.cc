// How limits stand for a key.
#include <map>

#include "service.h"

namespace mcpgate::testing {
namespace {

std::vector<LimitPolicy> Limits() {
  return {PostingLimit(),
          {.name = "all", .scope = LimitScope::kKey, .limit = 20, .window = std::chrono::minutes(1)},
          {.name = "each", .scope = LimitScope::kKeyAndTool, .limit = 5, .window = std::chrono::minutes(1)},
          {.name = "crew", .scope = LimitScope::kTeam, .limit = 50, .window = std::chrono::minutes(1)}};
}

std::map<std::string, std::int64_t> RemainingOf(const Json& standings) {
  std::map<std::string, std::int64_t> remaining;
  for (const Json& each : standings) remaining[each["limit"]] = each["remaining"].get<std::int64_t>();
  return remaining;
}

struct Limited : Service {
  Limited() : Service(Limits()) {
    key = NewKey({.role = Role::kAdmin});
    id = Ask(key, "GET", "/v1/whoami").body["key"];
  }
  std::map<std::string, std::int64_t> Seen(const std::string& query = "") {
    return RemainingOf(
        Ask(operator_key(), "GET", "/v1/admin/api-keys/" + id + "/limits" + query).body["items"]);
  }
  std::string key, id;
};

TEST_CASE_FIXTURE(Limited, "an administrator sees what a key has used of the limits of every class") {
  CHECK(Seen() == std::map<std::string, std::int64_t>{{"posting", 5}, {"all", 19}, {"crew", 49}});
  Ask(key, "GET", "/v1/admin/limits");
  CHECK(Seen().at("all") == 18);
  CHECK(RemainingOf(Ask(key, "GET", "/v1/whoami").body["limits"]).at("all") == 17);
}

TEST_CASE_FIXTURE(Limited, "limits that count each tool are told of the tool that is asked for") {
  Ask(key, "GET", "/v1/admin/limits");
  CHECK(Seen("?tool=admin.limits.list").at("each") == 4);
  CHECK(Seen("?tool=other").at("each") == 5);
}

TEST_CASE_FIXTURE(Limited, "a key of a team counts with its team") {
  REQUIRE(Ask(operator_key(), "POST", "/v1/admin/teams", {{"id", "blue"}}).status == 201);
  REQUIRE(Ask(operator_key(), "POST", "/v1/admin/principals", {{"id", "ann"}, {"team", "blue"}}).status ==
          201);
  std::vector<std::string> keys;
  for (const char* name : {"one", "two"}) {
    const Answer made =
        Ask(operator_key(), "POST", "/v1/admin/api-keys", {{"name", name}, {"principal", "ann"}});
    REQUIRE(made.status == 201);
    keys.push_back(made.body["token"]);
    id = made.body["key"]["id"];
  }
  Ask(keys[0], "GET", "/v1/whoami");
  CHECK(Seen().at("crew") == 49);
  CHECK(Seen().at("all") == 20);
}

TEST_CASE_FIXTURE(Limited, "the limits of a key of another tenant are not found") {
  REQUIRE(Ask(operator_key(), "POST", "/v1/admin/tenants", {{"id", "acme"}}).status == 201);
  const std::string acme = NewKey({.role = Role::kAdmin}, "acme");
  CHECK(Ask(acme, "GET", "/v1/admin/api-keys/" + id + "/limits").status == 404);
}

}  // namespace
}  // namespace mcpgate::testing
