// mcpgate selftest against mcpgate-http, and against servers that are not what they should be.
#include <doctest/doctest.h>

#include <string>

#include "http_host.h"
#include "mcpgate/http.h"
#include "unit/http/tls_files.h"

namespace mcpgate::hosts {
namespace {

using testing::Ended;
using testing::HttpHost;

struct Selftest : HttpHost {
  int code = -1;
  Json report;

  std::string Url() const { return "http://127.0.0.1:" + std::to_string(port) + "/mcp"; }
  std::string KeyFile() const {
    const std::string path = dir / "me.key";
    Ask({"keys", "create", "--name", "me", "--role", "writer", "--key-file", path});
    return path;
  }
  using HttpHost::Ask;
  using testing::CommandLine::Ask;

  void Test(const std::string& url, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {testing::kMcpgate, "--json", "selftest", url});
    const Ended ended = testing::Run(more);
    INFO(ended.err);
    code = ended.code;
    report = ParseJson(ended.out).value_or(Json());
    REQUIRE(report.is_object());
  }
  std::string Grade(const std::string& name) const {
    for (const Json& check : report["checks"]) {
      if (check["check"] == name) return StringOr(check, "grade", "");
    }
    return "missing";
  }
};

TEST_CASE_FIXTURE(Selftest, "a server as it is shipped passes every check") {
  Start();
  Test(Url(), {"--key-file", KeyFile(), "--limits"});
  CHECK(code == 0);
  for (const char* name : {"health", "readiness", "transport", "metrics", "initialize", "discover",
                           "tools_list", "call", "no_key", "wrong_key", "origin", "rate_limit"}) {
    CAPTURE(name);
    CHECK(Grade(name) == "ok");
  }
}

TEST_CASE_FIXTURE(Selftest, "the session it opened is closed again") {
  Start();
  Test(Url(), {"--key-file", KeyFile()});
  CHECK(Grade("initialize") == "ok");
  CHECK(Get("/metrics").body.find("method=\"initialize\"") != std::string::npos);
  CHECK(Stop().code == 0);
}

TEST_CASE_FIXTURE(Selftest, "health alone needs no key") {
  Start();
  Test(Url(), {"--health"});
  CHECK(code == 0);
  CHECK(report["checks"].size() == 2);
}

TEST_CASE_FIXTURE(Selftest, "a revoked key is a failure that says where the reason is") {
  Start();
  const std::string file = KeyFile();
  Ask({"keys", "revoke", StringOr(Ask({"keys", "list"})["keys"][0], "id", "")});
  Test(Url(), {"--key-file", file});
  CHECK(code == 1);
  CHECK(Grade("tools_list") == "failure");
  CHECK(Grade("no_key") == "ok");
}

TEST_CASE_FIXTURE(Selftest, "a tool that is not read-only is not called") {
  Start();
  Test(Url(), {"--key-file", KeyFile(), "--tool", "discord_send_message"});
  CHECK(Grade("call") == "failure");
  CHECK(AskLines({"audit", "tail", "--action", "discord_send_message"}).empty());
}

TEST_CASE_FIXTURE(Selftest, "without limits it says so") {
  Start({"--failure-limit", "off", "--address-limit", "off"});
  Test(Url(), {"--limits"});
  CHECK(code == 1);
  CHECK(Grade("rate_limit") == "failure");
}

TEST_CASE("nothing at all at the place is one failure") {
  const Ended ended = testing::Run({testing::kMcpgate, "selftest", "http://127.0.0.1:1/mcp"});
  CHECK(ended.code == 1);
  CHECK(ended.out.find("is mcpgate-http running") != std::string::npos);
}

/// Answers everything with 200.
class Open final : public HttpHandler {
 public:
  void Handle(const HttpRequest&, std::shared_ptr<HttpExchange> exchange) override {
    exchange->Respond(
        {.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = R"({"result":{}})"});
  }
};

TEST_CASE_FIXTURE(Selftest, "a server that guards nothing is found out") {
  const auto listener = HttpListener::Start({}, std::make_shared<Open>());
  REQUIRE(listener.ok());
  Test("http://127.0.0.1:" + std::to_string((*listener)->port()) + "/mcp", {"--key-file", KeyFile()});
  CHECK(code == 1);
  for (const char* name : {"no_key", "wrong_key", "origin"}) {
    CAPTURE(name);
    CHECK(Grade(name) == "failure");
  }
}

TEST_CASE_FIXTURE(Selftest, "over TLS a certificate of one's own is trusted when it is named, and else not") {
  const HttpTls tls = testing::WriteCertificate(dir / "tls", "localhost");
  Start({"--tls-cert", tls.certificate_file, "--tls-key", tls.key_file});
  const std::string url = "https://localhost:" + std::to_string(port) + "/mcp";
  Test(url, {"--ca-file", tls.certificate_file, "--key-file", KeyFile()});
  CHECK(code == 0);
  CHECK(Grade("transport") == "ok");
  Test(url);
  CHECK(code == 1);
  CHECK(Grade("health") == "failure");
}

TEST_CASE_FIXTURE(Selftest, "a URL that cannot be one is a mistake of the command line") {
  for (const char* url :
       {"localhost", "ftp://localhost/mcp", "http://", "http://u:p@localhost/", "http://x/?k=v"}) {
    CAPTURE(url);
    CHECK(testing::Run({testing::kMcpgate, "selftest", url}).code == 2);
  }
}

}  // namespace
}  // namespace mcpgate::hosts
