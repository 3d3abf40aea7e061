// /v1/admin/sessions and /v1/mcp/tokens, as a client sees them.
#include <sys/stat.h>

#include <fstream>
#include <set>

#include "mcpgate/token_files.h"
#include "service.h"
#include "support/temp_dir.h"

namespace mcpgate::testing {
namespace {

constexpr char kSessions[] = "/v1/admin/sessions", kTokens[] = "/v1/mcp/tokens";

std::string MintedBy(Service& service, const std::string& key, const std::string& name) {
  const Answer minted = service.Ask(key, "POST", kTokens, {{"name", name}});
  REQUIRE(minted.status == 201);
  return minted.body["key"]["id"];
}

TEST_CASE("sessions come in pages, each once, and no key among them") {
  Service service;
  const std::string key = service.NewKey({.role = Role::kWriter});
  for (int i = 0; i < 5; ++i) MintedBy(service, key, "desk");
  std::set<std::string> seen;
  std::string target = std::string(kSessions) + "?limit=2";
  for (int pages = 0; pages < 10; ++pages) {
    const Answer page = service.Ask(service.operator_key(), "GET", target);
    REQUIRE(page.status == 200);
    for (const Json& session : page.body["items"]) {
      CHECK(session["kind"] == "session");
      CHECK(seen.insert(session["id"]).second);
    }
    if (page.body["next"].is_null()) break;
    target = std::string(kSessions) + "?limit=2&cursor=" + page.body["next"].get<std::string>();
  }
  CHECK(seen.size() == 5);
}

TEST_CASE("keys and sessions tell when they were last used, and how often") {
  Service service;
  const std::string key = service.NewKey({.role = Role::kWriter}), id = service.IdOf(key);
  const Answer minted = service.Ask(key, "POST", kTokens, {{"name", "desk"}});
  const std::string session = minted.body["key"]["id"];
  REQUIRE(service.keyring().FlushUses().ok());
  const auto shown = [&](const std::string& target) {
    return service.Ask(service.operator_key(), "GET", target).body;
  };
  const Json used = shown("/v1/admin/api-keys/" + id);
  CHECK(used["last_used_at"] == "2026-01-01T00:00:00.000Z");
  CHECK(used["uses"] >= 2);  // once a call at least
  CHECK(shown(kSessions + ("/" + session))["last_used_at"].is_null());
  CHECK(shown(kSessions)["items"][0]["uses"] == 0);
  service.Ask(minted.body["token"].get<std::string>(), "GET", "/v1/whoami");
  REQUIRE(service.keyring().FlushUses().ok());
  CHECK(shown(kSessions)["items"][0]["uses"] >= 1);
  CHECK(shown(std::string("/v1/admin/api-keys?family=") + id)["items"][0] == used);
}

TEST_CASE("sessions are chosen by their key's family and by name") {
  Service service;
  const std::string one = service.NewKey({.role = Role::kWriter}), other = service.NewKey({});
  MintedBy(service, one, "desk");
  MintedBy(service, one, "shelf");
  MintedBy(service, other, "desk");
  const auto count = [&](const std::string& query) {
    return service.Ask(service.operator_key(), "GET", kSessions + query).body["items"].size();
  };
  CHECK(count("?parent=" + service.IdOf(one)) == 2);
  CHECK(count("?name=de*") == 2);
  CHECK(count("?parent=" + service.IdOf(one) + "&name=shelf") == 1);
}

TEST_CASE("a session is refused once it is revoked, and a key is not revoked as a session") {
  Service service;
  const std::string key = service.NewKey({.role = Role::kWriter});
  const Answer minted = service.Ask(key, "POST", kTokens, {{"name", "desk"}});
  const std::string at = std::string(kSessions) + "/" + minted.body["key"]["id"].get<std::string>();
  CHECK(service.Ask(service.operator_key(), "GET", at).body["name"] == "desk");
  CHECK(service.Ask(service.operator_key(), "DELETE", at, nullptr, {{"If-Match", "\"v9\""}}).status == 412);
  CHECK(service.Ask(service.operator_key(), "DELETE", at).body["state"] == "revoked");
  CHECK(service.Ask(minted.body["token"].get<std::string>(), "GET", "/v1/whoami").status == 401);
  CHECK(service.Ask(key, "GET", "/v1/whoami").status == 200);
  const std::string no_session = std::string(kSessions) + "/" + service.IdOf(key);
  CHECK(service.Ask(service.operator_key(), "GET", no_session).status == 404);
  CHECK(service.Ask(service.operator_key(), "DELETE", no_session).status == 404);
  CHECK(service.Ask(key, "GET", "/v1/whoami").status == 200);
}

TEST_CASE("an administrator sees and ends sessions of their own tenant alone") {
  Service service;
  REQUIRE(service.Ask(service.operator_key(), "POST", "/v1/admin/tenants", {{"id", "acme"}}).status == 201);
  const std::string acme = service.NewKey({.role = Role::kAdmin}, "acme");
  const std::string other = service.NewKey({.role = Role::kWriter});
  const std::string theirs = MintedBy(service, other, "desk"), own = MintedBy(service, acme, "desk");
  const Json items = service.Ask(acme, "GET", kSessions).body["items"];
  REQUIRE(items.size() == 1);
  CHECK(items[0]["id"] == own);
  CHECK(service.Ask(acme, "GET", std::string(kSessions) + "?tenant=default").body["items"].empty());
  CHECK(service.Ask(acme, "GET", std::string(kSessions) + "/" + theirs).status == 404);
  CHECK(service.Ask(acme, "DELETE", std::string(kSessions) + "/" + theirs).status == 404);
}

/// A service that puts tokens into files.
struct Delivering : Service {
  Delivering() {
    auto files = TokenFiles::New({.directory = folder.path() / "tokens", .admin = &keyring().admin()});
    REQUIRE(files.ok());
    Deliver({.files = *std::move(files), .config = [](const std::string& name, const std::string& path) {
               return Json{{"stdio", {{name, {{"env", {{"MCPGATE_API_KEY_FILE", path}}}}}}}};
             }});
  }
  TempDir folder;
};

TEST_CASE("a token is put into a file that its owner alone can read, and the client's snippet names it") {
  Delivering service;
  const std::string key = service.NewKey({.role = Role::kWriter});
  const Answer minted = service.Ask(key, "POST", kTokens, {{"name", "Claude Desktop"}});
  REQUIRE(minted.status == 201);
  CHECK(minted.body["server"] == "mcpgate-claude-desktop");
  const std::string path = minted.body["file"];
  CHECK(minted.body["config"]["stdio"]["mcpgate-claude-desktop"]["env"]["MCPGATE_API_KEY_FILE"] == path);
  CHECK(minted.body["config"].dump().find(minted.body["token"].get<std::string>()) == std::string::npos);
  struct stat facts {};
  REQUIRE(stat(path.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
  std::string line;
  std::getline(std::ifstream(path), line);
  CHECK(line == minted.body["token"]);
  CHECK(service.Ask(line, "GET", "/v1/whoami").status == 200);
}

TEST_CASE("the file of a session goes with it") {
  Delivering service;
  const std::string key = service.NewKey({.role = Role::kWriter});
  const Answer minted = service.Ask(key, "POST", kTokens, {{"name", "desk"}});
  const std::string id = minted.body["key"]["id"], path = minted.body["file"];
  service.Ask(service.operator_key(), "DELETE", std::string(kSessions) + "/" + id);
  CHECK_FALSE(std::ifstream(path).good());
}

}  // namespace
}  // namespace mcpgate::testing
