// Browsers: a key becomes a session in a cookie, and the session ends.
#include <set>

#include "service.h"

namespace mcpgate::testing {
namespace {

constexpr char kLogIn[] = "/v1/admin/login", kLogOut[] = "/v1/admin/logout", kKeys[] = "/v1/admin/api-keys";

/// A browser that has logged in: it keeps the cookie, and its page the token.
class Browser {
 public:
  Browser(Service& service, std::string_view key) : service_(service) {
    entered_ = service_.Ask("", "POST", kLogIn, {{"key", key}});
    const std::string set = entered_.Header("Set-Cookie");
    cookie_ = set.substr(0, set.find(';'));
    token_ = StringOr(entered_.body, "csrf_token", "");
  }
  Answer Ask(std::string_view method, std::string_view target, const Json& body = nullptr,
             Headers headers = {}) {
    headers.emplace_back("Cookie", "theme=dark; " + cookie_ + "; other=1");
    return service_.Ask("", method, target, body, std::move(headers));
  }
  Answer Change(std::string_view method, std::string_view target, const Json& body = nullptr) {
    return Ask(method, target, body, {{"X-CSRF-Token", token_}});
  }
  const Answer& entered() const { return entered_; }
  std::string session() const { return cookie_.substr(cookie_.find('=') + 1); }
  const std::string& token() const { return token_; }

 private:
  Service& service_;
  Answer entered_;
  std::string cookie_, token_;
};

TEST_CASE("a key is exchanged for a session in a cookie that scripts and other sites cannot use") {
  Service service;
  Browser browser(service, service.operator_key());
  const Answer& entered = browser.entered();
  REQUIRE(entered.status == 200);
  CHECK(entered.body["tenant"] == "default");
  CHECK(entered.body["role"] == "admin");
  CHECK(entered.body["key"] == service.Ask(service.operator_key(), "GET", "/v1/whoami").body["key"]);
  CHECK(entered.Header("Set-Cookie") ==
        "mcpgate=" + browser.session() + "; Path=/; Max-Age=28800; HttpOnly; SameSite=Strict");
  CHECK(browser.session().starts_with("mcpg_s_"));
  CHECK(entered.text.find(browser.session()) == std::string::npos);
  CHECK(browser.Ask("GET", "/v1/whoami").body["operator"] == true);
  CHECK(browser.Ask("GET", kLogIn).body == entered.body);
}

TEST_CASE("over TLS the cookie goes over TLS alone, under a name that neighbours cannot set") {
  Service service;
  const Headers headers = {{"Host", "127.0.0.1:8808"}, {"Content-Type", "application/json"}};
  const std::string body = DumpJson({{"key", service.operator_key()}});
  const std::string set = service.AskRaw("POST", kLogIn, body, headers, /*secure=*/true).Header("Set-Cookie");
  CHECK(set.starts_with("__Host-mcpgate=mcpg_s_"));
  CHECK(set.ends_with("; Path=/; Max-Age=28800; HttpOnly; SameSite=Strict; Secure"));
  const std::string plain = set.substr(set.find('=') + 1, set.find(';') - set.find('=') - 1);
  const Headers with_plain = {{"Host", "127.0.0.1:8808"}, {"Cookie", "mcpgate=" + plain}};
  CHECK(service.AskRaw("GET", kLogIn, "", with_plain, /*secure=*/true).status == 401);
}

TEST_CASE("a change with the cookie needs the token of that very session") {
  Service service;
  Browser browser(service, service.operator_key()), other(service, service.operator_key());
  const Json body = {{"name", "made by a page"}};
  const Answer without = browser.Ask("POST", kKeys, body);
  CHECK(without.status == 403);
  CHECK(without.Detail().find("X-CSRF-Token") != std::string::npos);
  CHECK(browser.Ask("POST", kKeys, body, {{"X-CSRF-Token", other.token()}}).status == 403);
  CHECK(browser.Ask("POST", kKeys, body, {{"X-CSRF-Token", ""}}).status == 403);
  CHECK(browser.Ask("GET", kKeys).body["items"].size() == 3);  // the key and two sessions, nothing made
  CHECK(browser.Change("POST", kKeys, body).status == 201);
}

TEST_CASE("who shows a key asks with that key, whatever cookie comes along") {
  Service service;
  Browser browser(service, service.operator_key());
  const std::string reader = service.NewKey({.role = Role::kReader});
  const Answer as_reader = browser.Ask("GET", "/v1/whoami", nullptr, {{"Authorization", "Bearer " + reader}});
  CHECK(as_reader.body["role"] == "reader");
  CHECK(browser.Ask("GET", "/v1/whoami", nullptr, {{"X-API-Key", "none"}}).status == 401);
  CHECK(service.Ask(reader, "GET", kLogIn).body["csrf_token"].is_null());
}

TEST_CASE("logging out ends the session at once, and takes the cookie away") {
  Service service;
  Browser browser(service, service.operator_key());
  CHECK(browser.Ask("POST", kLogOut).status == 403);
  const Answer out = browser.Change("POST", kLogOut);
  CHECK(out.status == 204);
  CHECK(out.Header("Set-Cookie") == "mcpgate=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict");
  CHECK(browser.Ask("GET", kLogIn).status == 401);
  CHECK(service.Ask(service.operator_key(), "GET", "/v1/whoami").status == 200);
}

TEST_CASE("logging out with a key in the headers ends nothing") {
  Service service;
  CHECK(service.Ask(service.operator_key(), "POST", kLogOut).status == 409);
  CHECK(service.Ask(service.operator_key(), "GET", "/v1/whoami").status == 200);
}

TEST_CASE("a session ends after eight hours, and with its key") {
  Service service;
  Browser browser(service, service.operator_key());
  service.clock().Advance(std::chrono::hours(8) - std::chrono::seconds(1));
  CHECK(browser.Ask("GET", kLogIn).status == 200);
  service.clock().Advance(std::chrono::seconds(2));
  CHECK(browser.Ask("GET", kLogIn).status == 401);

  const std::string brief = service.NewKey({.role = Role::kAdmin});
  Browser second(service, brief);
  const std::string id = service.Ask(brief, "GET", "/v1/whoami").body["key"];
  REQUIRE(service.Ask(service.operator_key(), "DELETE", std::string(kKeys) + "/" + id).status == 200);
  CHECK(second.Ask("GET", kLogIn).status == 401);
}

TEST_CASE("what is no key, and what may not have sessions, does not log in") {
  Service service;
  Browser browser(service, service.operator_key());
  CHECK(service.Ask("", "POST", kLogIn, {{"key", "mcpg_k_none"}}).status == 401);
  CHECK(service.Ask("", "POST", kLogIn, {{"key", ""}}).status == 401);
  CHECK(service.Ask("", "POST", kLogIn, Json::object()).status == 400);
  CHECK(service.Ask("", "POST", kLogIn, {{"key", browser.session()}}).status == 409);
  REQUIRE(service.keyring().UseStaticKeys({{.token = Secret("a-static-key-of-some-length-7431")}}).ok());
  const Answer fixed = service.Ask("", "POST", kLogIn, {{"key", "a-static-key-of-some-length-7431"}});
  CHECK(fixed.status == 409);
  CHECK(fixed.Detail().find("static key") != std::string::npos);
}

TEST_CASE("a page of another origin cannot log anybody in") {
  Service service;
  const Answer answer = service.Ask("", "POST", kLogIn, {{"key", service.operator_key()}},
                                    {{"Origin", "https://elsewhere.example"}});
  CHECK(answer.status == 403);
  CHECK(answer.Header("Set-Cookie").empty());
}

TEST_CASE("the trail tells of logging in and out, and holds neither key nor session") {
  Service service;
  Browser browser(service, service.operator_key());
  browser.Change("POST", kLogOut);
  std::set<std::string> actions;
  for (const AuditRecord& record : service.sink().Records()) {
    actions.insert(record.action);
    for (const auto& [name, value] : record.fields) {
      CHECK(value.find(browser.session()) == std::string::npos);
      CHECK(value.find(service.operator_key()) == std::string::npos);
    }
  }
  CHECK(actions.contains("self.login"));
  CHECK(actions.contains("self.logout"));
}

}  // namespace
}  // namespace mcpgate::testing
