// Limits as an operator writes them, seen through mcpgate-http.
#include <string>

#include "http_host.h"

namespace mcpgate::testing {
namespace {

constexpr char kTool[] = "discord_list_channels";

std::string RefusedBy(const Answer& answer) {
  const absl::StatusOr<Json> body = ParseJson(answer.body);
  if (answer.status != 429 || !body.ok()) return {};
  return StringOr((*body)["error"]["data"], "policy", "");
}

bool Has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

TEST_CASE_FIXTURE(HttpHost, "as shipped a key calls one tool ten times a minute, and others meanwhile") {
  const std::string token = MakeToken();
  Start();
  for (int i = 0; i < 10; ++i) REQUIRE(CallTool(token, kTool).status == 200);
  CHECK(RefusedBy(CallTool(token, kTool)) == "per-tool");
  CHECK(CallTool(token, "check_server_status").status == 200);
  CHECK(CallTool(MakeToken(), kTool).status == 200);
}

TEST_CASE_FIXTURE(HttpHost, "the log tells once that a limit is nearly used, and by whom") {
  const Json made = Create({"--role", "reader", "--channel", "*"});
  Start({"--limit", "per-tool=exact:5/1h"});
  for (int i = 0; i < 5; ++i) REQUIRE(CallTool(StringOr(made, "token", ""), kTool).status == 200);
  const std::string line = "limit 'per-tool' is used to four fifths by key " +
                           StringOr(made["key"], "id", "?") + ", calling discord_list_channels\n";
  const std::string err = Stop().err;
  CHECK(Has(err, line));
  CHECK(err.find("four fifths") == err.rfind("four fifths"));
}

TEST_CASE_FIXTURE(HttpHost, "the variables of other servers say how often a key may call") {
  const std::string token = MakeToken();
  Start({}, {{"MCP_RL_BUCKET", "2"}, {"MCP_RL_WINDOW_MS", "3600000"}});
  CHECK(CallTool(token, kTool).status == 200);
  CHECK(CallTool(token, "check_server_status").status == 200);
  CHECK(RefusedBy(CallTool(token, kTool)) == "per-key");
  const Ended wrong = Refused({}, {{"MCP_RL_BUCKET", "many"}});
  CHECK(wrong.code == 2);
  CHECK(Has(wrong.err, "MCP_RL_BUCKET"));
}

TEST_CASE_FIXTURE(HttpHost, "a rule with patterns gives some tools other numbers") {
  const std::string token = MakeToken();
  Start({"--limit", "per-tool=exact:1/1h", "--limit", "per-tool=3/1h when tool=check_*"});
  CHECK(CallTool(token, kTool).status == 200);
  CHECK(RefusedBy(CallTool(token, kTool)) == "per-tool");
  for (int i = 0; i < 3; ++i) CHECK(CallTool(token, "check_server_status").status == 200);
  CHECK(RefusedBy(CallTool(token, "check_server_status")) == "per-tool");
}

TEST_CASE_FIXTURE(HttpHost, "limits of addresses are said in the words of all others") {
  const std::string token = MakeToken();
  Start({"--limit", "mine=exact:2/1h per address"});
  CHECK(CallTool(token, kTool).status == 200);
  CHECK(CallTool(token, kTool).status == 200);
  CHECK(CallTool(token, kTool).Field("RateLimit-Policy") == "\"mine\";q=2;w=3600");
  CHECK(Refused({"--sandbox", "--limit", "a=exact:2/1h per address,b=exact:2/1h per address"}).code == 2);
}

TEST_CASE_FIXTURE(HttpHost, "a call that passed is told the limit it has the smallest share left of") {
  const std::string token = MakeToken();
  Start({"--limit", "per-tool=exact:4/1h"});
  const Answer first = CallTool(token, kTool);
  CHECK(first.status == 200);
  CHECK(first.Field("RateLimit-Policy") == "\"per-tool\";q=4;w=3600");
  CHECK(first.Field("RateLimit") == "\"per-tool\";r=3");
  CHECK(first.Field("Retry-After").empty());
  CHECK(CallTool(token, kTool).Field("RateLimit") == "\"per-tool\";r=2");
}

TEST_CASE_FIXTURE(HttpHost, "metrics count what each limit refused and nearly refused") {
  const std::string token = MakeToken();
  Start({"--limit", "per-tool=exact:5/1h", "--limit", "planned=exact:9/1h per tenant shadow"});
  for (int i = 0; i < 7; ++i) CHECK(CallTool(token, kTool).status == (i < 5 ? 200 : 429));
  const std::string metrics = Get("/metrics").body;
  for (const char* line : {"mcpgate_limit_refusals_total{limit=\"per-tool\",scope=\"key+tool\"} 2\n",
                           "mcpgate_limit_refusals_total{limit=\"failures\",scope=\"failed-auth\"} 0\n",
                           "mcpgate_limit_near_total{limit=\"per-tool\",scope=\"key+tool\"} 1\n",
                           "mcpgate_limit_shadow_refusals_total{limit=\"planned\",scope=\"tenant\"} 0\n"}) {
    CAPTURE(line);
    CHECK(Has(metrics, line));
  }
}

TEST_CASE_FIXTURE(HttpHost, "a limit in shadow mode refuses nobody, and the log tells what it would do") {
  const std::string token = MakeToken();
  Start({"--limit", "planned=exact:1/1h shadow", "--limit", "mine=exact:1/1h per address shadow", "--limit",
         "guesses=exact:1/1h per failed-auth shadow"});
  for (int i = 0; i < 3; ++i) CHECK(CallTool(token, kTool).status == 200);
  for (int i = 0; i < 3; ++i) CHECK(CallTool("mcpg_k_nonsense", kTool).status == 401);
  const std::string metrics = Get("/metrics").body;
  CHECK(Has(metrics, "mcpgate_limit_shadow_refusals_total{limit=\"planned\",scope=\"key\"} 2\n"));
  CHECK(Has(metrics, "mcpgate_limit_shadow_refusals_total{limit=\"guesses\",scope=\"failed-auth\"} 2\n"));
  const std::string err = Stop().err;
  CHECK(Has(err, "limit 'planned' would refuse key "));
  CHECK(Has(err, "limit 'mine' would refuse address 127.0.0.1, and perhaps others\n"));
  CHECK(Has(err, "limit 'guesses' would refuse address 127.0.0.1, and perhaps others\n"));
}

TEST_CASE_FIXTURE(HttpHost,
                  "what a key has used of an hour is known to the next process, and other keys are free") {
  const std::string token = MakeToken();
  const std::vector<std::string> options = {"--limit", "per-tool=off", "--limit", "per-key=exact:3/1h"};
  Start(options);
  for (int i = 0; i < 3; ++i) REQUIRE(CallTool(token, kTool).status == 200);
  CHECK(RefusedBy(CallTool(token, "check_server_status")) == "per-key");
  Stop();
  Start(options);
  CHECK(RefusedBy(CallTool(token, kTool)) == "per-key");
  CHECK(CallTool(MakeToken(), kTool).status == 200);
}

TEST_CASE_FIXTURE(HttpHost,
                  "what was used of a tool is known to the next process, and other tools are free") {
  const std::string token = MakeToken(), other = MakeToken();
  const std::vector<std::string> options = {"--limit", "per-key=off", "--limit",
                                            "per-tool=exact:2/1h,all=exact:3/1h per tool"};
  Start(options);
  for (int i = 0; i < 2; ++i) REQUIRE(CallTool(token, kTool).status == 200);
  REQUIRE(CallTool(other, kTool).status == 200);
  Stop(SIGKILL);
  Start(options);
  CHECK(RefusedBy(CallTool(token, kTool)) == "per-tool");  // this key's calls of it
  CHECK(RefusedBy(CallTool(other, kTool)) == "all");       // everybody's calls of it
  CHECK(CallTool(token, "check_server_status").status == 200);
}

TEST_CASE_FIXTURE(HttpHost, "a limit in many small parts is not forgotten at a restart either") {
  const std::string token = MakeToken();
  const std::vector<std::string> options = {"--limit", "per-tool=off,burst=off", "--limit",
                                            "per-key=segmented:200/1h"};
  Start(options);
  for (int i = 0; i < 150; ++i) REQUIRE(CallTool(token, kTool).status == 200);
  Stop();
  Start(options);
  int more = 0;
  while (more <= 60 && CallTool(token, kTool).status == 200) ++more;
  CHECK(more <= 50);
  CHECK(more >= 40);  // at most one of the leased parts is lost
}

TEST_CASE_FIXTURE(HttpHost,
                  "without a key it is the address that is limited, and a proxy's clients each by theirs") {
  const std::string token = MakeToken();
  Start({"--limit", "mine=exact:3/1h per address", "--trusted-proxy", "127.0.0.1", "--failure-limit", "off"});
  const auto from = [](const std::string& address) { return "X-Forwarded-For: " + address + "\r\n"; };
  const auto stranger = [&](const std::string& address) { return Get("/mcp", from(address)).status; };
  for (int i = 0; i < 3; ++i) CHECK(stranger("203.0.113.7") != 429);
  CHECK(stranger("203.0.113.7") == 429);
  CHECK(CallTool(token, kTool, Json::object(), from("203.0.113.7")).status == 429);  // a good key as well
  CHECK(CallTool(token, kTool, Json::object(), from("203.0.113.8")).status == 200);
  for (int i = 0; i < 3; ++i) CHECK(stranger("2001:db8:0:1::" + std::to_string(i + 1)) != 429);
  CHECK(stranger("2001:db8:0:1:ffff::9") == 429);  // an address of the same network
  CHECK(stranger("2001:db8:0:2::1") != 429);
}

}  // namespace
}  // namespace mcpgate::testing
