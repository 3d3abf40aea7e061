// What is refused before anything is done, and how it is told.
#include <set>

#include "admin/target.h"
#include "service.h"

namespace mcpgate::testing {
namespace {

constexpr char kKeys[] = "/v1/admin/api-keys";

TEST_CASE("identity comes before the path, the method and the body") {
  Service service;
  CHECK(service.Ask("", "GET", "/v1/nothing").status == 401);
  CHECK(service.Ask("mcpg_k_wrong", "PUT", kKeys).status == 401);
  const Answer stranger = service.Ask("", "POST", kKeys, {{"name", 7}});
  CHECK(stranger.status == 401);
  CHECK(stranger.Header("WWW-Authenticate") == "Bearer");
  CHECK(stranger.Header("Content-Type") == "application/problem+json");
}

TEST_CASE("a page of a stranger is turned away, and so is another name of the host") {
  Service service;
  const std::string& boss = service.operator_key();
  const std::string bearer = "Bearer " + boss;
  CHECK(
      service.AskRaw("GET", "/v1/whoami", "", {{"Host", "evil.example"}, {"Authorization", bearer}}).status ==
      403);
  CHECK(service
            .AskRaw("GET", "/v1/whoami", "",
                    {{"Host", "localhost"}, {"Origin", "https://evil.example"}, {"Authorization", bearer}})
            .status == 403);
}

TEST_CASE("unknown paths, other methods and other media are told apart") {
  Service service;
  const std::string& boss = service.operator_key();
  CHECK(service.Ask(boss, "GET", "/v1/nothing").status == 404);
  const Answer method = service.Ask(boss, "PUT", kKeys);
  CHECK(method.status == 405);
  CHECK(method.Header("Allow") == "GET, POST");
  const Answer media = service.AskRaw("POST", kKeys, "name=x",
                                      {{"Host", "localhost"},
                                       {"Authorization", "Bearer " + boss},
                                       {"Content-Type", "application/x-www-form-urlencoded"}});
  CHECK(media.status == 415);
}

TEST_CASE("a body or query that does not fit is told member by member, and nothing is charged") {
  Service service;
  const std::string& boss = service.operator_key();
  const Answer body = service.Ask(boss, "POST", kKeys, {{"name", ""}, {"role", "king"}, {"colour", "red"}});
  CHECK(body.status == 400);
  CHECK(body.body["errors"].size() == 3);
  const Answer query = service.Ask(boss, "GET", std::string(kKeys) + "?limit=0&colour=red");
  CHECK(query.status == 400);
  std::set<std::string> pointers;
  for (const Json& error : query.body["errors"]) pointers.insert(error["pointer"]);
  CAPTURE(query.text);
  CHECK(pointers == std::set<std::string>{"?", "?limit"});
  CHECK(service.Ask(boss, "GET", std::string(kKeys) + "?limit=1&limit=2").status == 400);
  CHECK(service.Ask(boss, "GET", std::string(kKeys) + "?limit=%zz").status == 400);
  CHECK(service.Ask(boss, "GET", std::string(kKeys) + "?cursor=nonsense").status == 400);
  for (const AuditRecord& record : service.sink().Records()) CHECK(record.outcome != AuditOutcome::kOk);
}

TEST_CASE("who may not is told so, whatever they sent, and the refusal is recorded") {
  Service service;
  const std::string writer = service.NewKey({.role = Role::kWriter});
  const Answer refused = service.Ask(writer, "POST", kKeys, {{"nonsense", true}});
  CHECK(refused.status == 403);
  CHECK(refused.body["code"] == 40301);
  REQUIRE(service.sink().Records().size() == 1);
  CHECK(service.sink().Records()[0].outcome == AuditOutcome::kDeny);
}

TEST_CASE("a role, or a grant by name, opens an endpoint") {
  Service service;
  const std::string auditor = service.NewKey({.role = Role::kReader, .allow_tools = {"admin.keys.list"}});
  CHECK(service.Ask(auditor, "GET", kKeys).status == 200);
  CHECK(service.Ask(auditor, "POST", kKeys, {{"name", "x"}}).status == 403);
}

TEST_CASE("what was changed meanwhile is not overwritten") {
  Service service;
  const std::string& boss = service.operator_key();
  const std::string acme = "/v1/admin/tenants/acme";
  REQUIRE(service.Ask(boss, "POST", "/v1/admin/tenants", {{"id", "acme"}}).status == 201);
  const std::string tag = service.Ask(boss, "GET", acme).Header("ETag");
  CHECK(service.Ask(boss, "PATCH", acme, {{"name", "first"}}, {{"If-Match", tag}}).status == 200);
  CHECK(service.Ask(boss, "PATCH", acme, {{"name", "second"}}, {{"If-Match", tag}}).status == 412);
  CHECK(service.Ask(boss, "PATCH", acme, {{"name", "third"}}, {{"If-Match", "yesterday"}}).status == 400);
  CHECK(service.Ask(boss, "PATCH", acme, {{"name", "fourth"}}, {{"If-Match", ""}}).status == 400);
  CHECK(service.Ask(boss, "GET", acme).body["name"] == "first");
}

TEST_CASE("the older paths lead to the same endpoints") {
  Service service;
  CHECK(service.Ask(service.operator_key(), "GET", "/admin/api-keys").status == 200);
}

TEST_CASE("paths are matched by whole segments, and names in them are decoded") {
  using admin::MatchPath;
  CHECK(MatchPath("/v1/keys/{id}", "/v1/keys/a%2Fb")->at("id") == "a/b");
  CHECK(MatchPath("/v1/keys/{id}:rotate", "/v1/keys/abc:rotate")->at("id") == "abc");
  CHECK_FALSE(MatchPath("/v1/keys/{id}", "/v1/keys/abc:rotate"));
  CHECK_FALSE(MatchPath("/v1/keys/{id}", "/v1/keys/"));
  CHECK_FALSE(MatchPath("/v1/keys/{id}", "/v1/keys/a/b"));
  CHECK_FALSE(MatchPath("/v1/keys/{id}", "/v1/keys/%00"));
  CHECK_FALSE(MatchPath("/v1/keys", "/v1/keys/"));
  CHECK(MatchPath("/v1/keys", "/v1/keys"));
}

}  // namespace
}  // namespace mcpgate::testing
