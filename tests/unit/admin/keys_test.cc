// /v1/admin/api-keys, as a client sees it.
#include <set>

#include "service.h"

namespace mcpgate::testing {
namespace {

constexpr char kKeys[] = "/v1/admin/api-keys";

TEST_CASE("a key made over REST works, is shown without its secret, and is refused once revoked") {
  Service service;
  const std::string& boss = service.operator_key();
  const Answer made = service.Ask(boss, "POST", kKeys, {{"name", "laptop"}, {"role", "writer"}});
  REQUIRE(made.status == 201);
  const std::string token = made.body["token"], id = made.body["key"]["id"];
  CHECK(made.Header("Location") == std::string(kKeys) + "/" + id);
  CHECK(made.body["key"]["role"] == "writer");
  CHECK(service.Ask(token, "GET", "/v1/whoami").body["name"] == "laptop");

  const Answer shown = service.Ask(boss, "GET", std::string(kKeys) + "/" + id);
  CHECK(shown.status == 200);
  CHECK(shown.text.find(token) == std::string::npos);
  CHECK(shown.Header("ETag") == "\"v1\"");

  const Answer revoked = service.Ask(boss, "DELETE", std::string(kKeys) + "/" + id);
  CHECK(revoked.body["state"] == "revoked");
  CHECK(service.Ask(token, "GET", "/v1/whoami").status == 401);
}

TEST_CASE("keys come in pages, each key once") {
  Service service;
  const std::string& boss = service.operator_key();
  for (int i = 0; i < 7; ++i) service.NewKey({});
  std::set<std::string> seen;
  std::string target = std::string(kKeys) + "?limit=3";
  for (int pages = 0; pages < 10; ++pages) {
    const Answer page = service.Ask(boss, "GET", target);
    REQUIRE(page.status == 200);
    for (const Json& key : page.body["items"]) CHECK(seen.insert(key["id"]).second);
    if (page.body["next"].is_null()) break;
    target = std::string(kKeys) + "?limit=3&cursor=" + page.body["next"].get<std::string>();
  }
  CHECK(seen.size() == 8);
}

TEST_CASE("an administrator sees and makes keys of their own tenant alone") {
  Service service;
  REQUIRE(service.Ask(service.operator_key(), "POST", "/v1/admin/tenants", {{"id", "acme"}}).status == 201);
  const std::string acme = service.NewKey({.role = Role::kAdmin}, "acme");
  const std::string other = service.NewKey({.role = Role::kReader});
  const std::string other_id = service.Ask(other, "GET", "/v1/whoami").body["key"];
  CHECK(service.Ask(acme, "GET", std::string(kKeys) + "/" + other_id).status == 404);
  CHECK(service.Ask(acme, "DELETE", std::string(kKeys) + "/" + other_id).status == 404);
  CHECK(service.Ask(acme, "GET", kKeys).body["items"].size() == 1);
  CHECK(service.Ask(acme, "GET", std::string(kKeys) + "?tenant=default")
            .body.value("items", Json::array())
            .empty());
  const Answer own = service.Ask(acme, "POST", kKeys, {{"name", "mine"}});
  CHECK(own.body["key"]["tenant"] == "acme");
  const Answer theirs = service.Ask(acme, "POST", kKeys, {{"name", "theirs"}, {"tenant", "default"}});
  CHECK(theirs.status >= 403);
  CHECK(theirs.status <= 404);
}

TEST_CASE("nobody grants what their own key has not") {
  Service service;
  const std::string admin = service.NewKey(
      {.role = Role::kAdmin, .deny_tools = {"discord_delete_*"}, .resources = {"discord:channel:42*"}});
  const auto make = [&](Json body) {
    body["name"] = "new";
    return service.Ask(admin, "POST", kKeys, body);
  };
  CHECK(make({{"deny_tools", {"discord_*"}}, {"resources", {"discord:channel:421"}}}).status == 201);
  CHECK(make({{"deny_tools", {"discord_*"}}, {"resources", {"discord:channel:7"}}}).status == 403);
  CHECK(make({{"deny_tools", {"discord_*"}}, {"resources", {"*"}}}).status == 403);
  CHECK(make({{"deny_tools", {"discord_*"}}, {"resources", {"mcpgate:operator"}}}).status == 403);
  const Answer undenied = make({});
  CHECK(undenied.status == 403);
  CHECK(undenied.Detail().find("deny_tools") != std::string::npos);
}

TEST_CASE("a token can be verified without being used, and only by those who may see it") {
  Service service;
  const std::string reader = service.NewKey({.role = Role::kReader});
  const std::string verify = std::string(kKeys) + ":verify";
  CHECK(service.Ask(service.operator_key(), "POST", verify, {{"token", reader}}).body["valid"] == true);
  const Answer wrong = service.Ask(service.operator_key(), "POST", verify, {{"token", "mcpg_k_nonsense"}});
  CHECK(wrong.body["valid"] == false);
  CHECK(wrong.body["reason"] == "malformed");
  REQUIRE(service.Ask(service.operator_key(), "POST", "/v1/admin/tenants", {{"id", "acme"}}).status == 201);
  const std::string acme = service.NewKey({.role = Role::kAdmin}, "acme");
  CHECK(service.Ask(acme, "POST", verify, {{"token", reader}}).body == Json{{"valid", false}});
}

TEST_CASE("a rotated key has two secrets until the old one is ended") {
  Service service;
  const std::string& boss = service.operator_key();
  const Answer made = service.Ask(boss, "POST", kKeys, {{"name", "robot"}});
  const std::string old_token = made.body["token"];
  const std::string one = std::string(kKeys) + "/" + made.body["key"]["id"].get<std::string>();
  const Answer rotated = service.Ask(boss, "POST", one + ":rotate", Json::object());
  REQUIRE(rotated.status == 201);
  const std::string new_token = rotated.body["token"];
  CHECK(rotated.body["key"]["family"] == made.body["key"]["family"]);
  CHECK(service.Ask(old_token, "GET", "/v1/whoami").status == 200);
  CHECK(service.Ask(new_token, "GET", "/v1/whoami").status == 200);
  CHECK(service.Ask(boss, "POST", one + ":rotate", Json::object()).status == 409);
  CHECK(service.Ask(boss, "POST", one + ":finish").status == 200);
  CHECK(service.Ask(old_token, "GET", "/v1/whoami").status == 401);
  CHECK(service.Ask(new_token, "GET", "/v1/whoami").status == 200);
}

TEST_CASE("a changed key has its new rights at once, and a disabled one none") {
  Service service;
  const std::string& boss = service.operator_key();
  const Answer made = service.Ask(boss, "POST", kKeys, {{"name", "robot"}, {"role", "reader"}});
  const std::string token = made.body["token"];
  const std::string one = std::string(kKeys) + "/" + made.body["key"]["id"].get<std::string>();
  CHECK(service.Ask(boss, "PATCH", one, {{"role", "admin"}, {"name", "boss"}}).body["role"] == "admin");
  CHECK(service.Ask(token, "GET", kKeys).status == 200);
  CHECK(service.Ask(boss, "PATCH", one, {{"disabled", true}}).body["state"] == "disabled");
  CHECK(service.Ask(token, "GET", "/v1/whoami").status == 401);
  CHECK(service.Ask(boss, "PATCH", one, {{"disabled", false}}).body["state"] == "live");
  CHECK(service.Ask(token, "GET", "/v1/whoami").status == 200);
  CHECK(service.Ask(boss, "PATCH", one, {{"name", "late"}}, {{"If-Match", "\"v1\""}}).status == 412);
}

TEST_CASE(
    "an administrator of a tenant does not touch an operator's key, nor gets a secret with more rights") {
  Service service;
  const std::string admin = service.NewKey({.role = Role::kAdmin});
  const std::string boss_id = service.Ask(service.operator_key(), "GET", "/v1/whoami").body["key"];
  const std::string boss = std::string(kKeys) + "/" + boss_id;
  CHECK(service.Ask(admin, "DELETE", boss).status == 403);
  CHECK(service.Ask(admin, "PATCH", boss, {{"disabled", true}}).status == 403);
  CHECK(service.Ask(admin, "POST", boss + ":rotate", Json::object()).status == 403);
  CHECK(service.Ask(admin, "POST", "/v1/admin/sessions", {{"name", "s"}, {"key", boss_id}}).status == 403);
  const std::string rich = service.NewKey({.role = Role::kWriter, .resources = {"discord:channel:7"}});
  const std::string rich_id = service.Ask(rich, "GET", "/v1/whoami").body["key"];
  CHECK(service.Ask(admin, "POST", std::string(kKeys) + "/" + rich_id + ":rotate", Json::object()).status ==
        403);
  CHECK(service.Ask(admin, "DELETE", std::string(kKeys) + "/" + rich_id).status == 200);
}

TEST_CASE("a token made of a key may at most what the key may, and ends with it") {
  Service service;
  const std::string& boss = service.operator_key();
  const Answer made = service.Ask(boss, "POST", kKeys, {{"name", "robot"}, {"role", "writer"}});
  const std::string key = made.body["token"];
  const Answer minted = service.Ask(key, "POST", "/v1/mcp/tokens", {{"name", "desk"}, {"role", "reader"}});
  REQUIRE(minted.status == 201);
  const std::string token = minted.body["token"];
  CHECK(minted.body["key"]["kind"] == "session");
  CHECK(service.Ask(token, "GET", "/v1/whoami").body["role"] == "reader");
  CHECK(service.Ask(key, "POST", "/v1/mcp/tokens", {{"name", "desk"}, {"role", "admin"}}).status >= 400);
  service.Ask(boss, "DELETE", std::string(kKeys) + "/" + made.body["key"]["id"].get<std::string>());
  CHECK(service.Ask(token, "GET", "/v1/whoami").status == 401);
}

TEST_CASE("the same request with an Idempotency-Key makes one key") {
  Service service;
  const std::string& boss = service.operator_key();
  const Json body = {{"name", "once"}};
  const Headers key = {{"Idempotency-Key", "a-1"}};
  const Answer first = service.Ask(boss, "POST", kKeys, body, key);
  REQUIRE(first.status == 201);
  const Answer again = service.Ask(boss, "POST", kKeys, body, key);
  CHECK(again.status == 201);
  CHECK(again.text == first.text);
  CHECK(service.Ask(boss, "POST", kKeys, {{"name", "other"}}, key).status == 422);
  const std::string other = service.NewKey({.role = Role::kAdmin, .resources = {"*"}});
  CHECK(service.Ask(other, "POST", kKeys, body, key).text != first.text);
  service.clock().Advance(std::chrono::minutes(10));
  CHECK(service.Ask(boss, "POST", kKeys, body, key).text != first.text);
}

TEST_CASE("every administrative call is in the trail, as one") {
  Service service;
  service.Ask(service.operator_key(), "POST", kKeys, {{"name", "laptop"}});
  const auto records = service.sink().Records();
  REQUIRE(records.size() == 2);
  CHECK(records[0].klass == AuditClass::kAdmin);
  CHECK(records[0].phase == AuditPhase::kIntent);
  CHECK(records[0].action == "admin.keys.create");
  CHECK(records[1].outcome == AuditOutcome::kOk);
}

TEST_CASE("the trail says what a new key, or a change, was asked to be, and what it is") {
  Service service;
  const std::string& boss = service.operator_key();
  const Answer made = service.Ask(boss, "POST", kKeys,
                                  {{"name", "laptop"},
                                   {"resources", {"discord:channel:7", "discord:channel:8"}},
                                   {"metadata", {{"a", 1}}}});
  REQUIRE(made.status == 201);
  const std::string id = made.body["key"]["id"];
  const auto field = [](const AuditRecord& record, std::string_view name) {
    std::string found;
    for (const auto& [known, value] : record.fields) {
      if (known == name) found = value;
    }
    return found;
  };
  auto records = service.sink().Records();
  CHECK(field(records[0], "name") == "laptop");
  CHECK(field(records[0], "resources") == "discord:channel:7, discord:channel:8");
  CHECK(field(records[0], "metadata").empty());
  CHECK(field(records[1], "role") == "reader");
  CHECK(field(records[1], "key") == id);
  service.Ask(boss, "PATCH", std::string(kKeys) + "/" + id, {{"role", "writer"}, {"disabled", true}});
  records = service.sink().Records();
  CHECK(field(records[2], "id") == id);
  CHECK(field(records[2], "role") == "writer");
  CHECK(field(records[2], "disabled") == "true");
}

}  // namespace
}  // namespace mcpgate::testing
