// mcpgate-http, as a process: what it answers beside MCP, and whom it refuses before looking at a key.
#include <doctest/doctest.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "http_host.h"

namespace mcpgate::hosts {
namespace {

using testing::Answer;
using testing::Client;
using testing::Ended;
using testing::HttpHost;

TEST_CASE_FIXTURE(HttpHost, "health, readiness and metrics need no key and are not to be stored") {
  Start();
  for (const char* path : {"/healthz", "/readyz", "/metrics"}) {
    CAPTURE(path);
    const Answer answer = Get(path);
    CHECK(answer.status == 200);
    CHECK(answer.Field("Cache-Control") == "no-store");
    CHECK_FALSE(answer.body.empty());
    CHECK(Ask("HEAD", path).status == 200);
    const Answer post = Ask("POST", path, "Content-Length: 0\r\n");
    CHECK(post.status == 405);
    CHECK(post.Field("Allow") == "GET, HEAD");
  }
  CHECK(Get("/healthz").body == "ok\n");
  CHECK(Get("/nowhere").status == 404);
  CHECK(Get("/healthz/").status == 404);
}

TEST_CASE_FIXTURE(HttpHost, "who looks for OAuth learns that a key is wanted") {
  Start();
  for (const char* path : {"/.well-known/oauth-protected-resource/mcp",
                           "/.well-known/oauth-authorization-server", "/register"}) {
    const Answer answer = Get(path);
    CHECK(answer.status == 404);
    CHECK(answer.body.find("MCP is at /mcp") != std::string::npos);
    CHECK(answer.body.find("API key") != std::string::npos);
    CHECK(answer.body.find("no OAuth") != std::string::npos);
  }
}

TEST_CASE_FIXTURE(HttpHost, "an address that is limited is told so in the words of whoever was asked") {
  Start({"--address-limit", "exact:1/1h"});
  Get("/v1/whoami");
  const Answer rest = Get("/v1/whoami"), mcp = Get("/mcp");
  CHECK(rest.status == 429);
  CHECK(rest.Field("Content-Type") == "application/problem+json");
  CHECK(IntegerOr(ParseJson(rest.body).value_or(Json()), "code", 0) == 42901);
  CHECK(rest.Has("Retry-After"));
  CHECK(mcp.status == 429);
  CHECK(mcp.body.find("\"jsonrpc\"") != std::string::npos);
}

TEST_CASE_FIXTURE(
    HttpHost, "an empty store says where the first administrator's token is, and one with keys has none") {
  Start();
  const std::string file = data + "/bootstrap.token";
  CHECK(Stop().err.find("the token in " + file + " is good once") != std::string::npos);
  CHECK(access(file.c_str(), F_OK) == 0);
  MakeToken();
  Start();
  CHECK(Stop().err.find("bootstrap") == std::string::npos);
  CHECK(access(file.c_str(), F_OK) != 0);
}

TEST_CASE_FIXTURE(HttpHost, "readiness names its checks") {
  Start();
  const absl::StatusOr<Json> report = ParseJson(Get("/readyz").body);
  REQUIRE(report.ok());
  CHECK(BoolOr(*report, "ready", false));
  const Json* checks = FindObject(*report, "checks");
  REQUIRE(checks != nullptr);
  for (const char* name : {"key_store_readable", "store_writable", "audit_writable", "discord", "serving"}) {
    CAPTURE(name);
    REQUIRE(FindObject(*checks, name) != nullptr);
    CHECK(BoolOr((*checks)[name], "ok", false));
  }
}

TEST_CASE_FIXTURE(HttpHost, "a trail that is gone makes it not ready, while it stays alive") {
  Start();
  std::filesystem::remove(data + "/audit.db");
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  Answer answer = Get("/readyz");
  while (answer.status == 200 && std::chrono::steady_clock::now() < patience) answer = Get("/readyz");
  CHECK(answer.status == 503);
  CHECK(answer.body.find("audit.db cannot be written") != std::string::npos);
  CHECK(Get("/healthz").status == 200);
}

TEST_CASE_FIXTURE(HttpHost, "metrics count by fixed labels") {
  Start();
  const std::string token = MakeToken();
  CHECK(CallTool(token, "discord_list_channels").status == 200);
  CHECK(Ask("POST", "/mcp").status == 401);
  CHECK(Get("/some/thing/else").status == 404);
  const Answer metrics = Get("/metrics");
  CHECK(metrics.Field("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
  for (const char* line :
       {"mcpgate_http_requests_total{path=\"mcp\",status=\"2xx\"} 1\n",
        "mcpgate_http_requests_total{path=\"mcp\",status=\"4xx\"} 1\n",
        "mcpgate_http_requests_total{path=\"other\",status=\"4xx\"} 1\n",
        "mcpgate_http_request_duration_seconds_count{path=\"mcp\"} 2\n",
        "mcpgate_http_refusals_total{code=\"40101\"} 1\n", "mcpgate_http_refusals_total{code=\"404\"} 1\n",
        "mcpgate_mcp_requests_total{method=\"tools/call\",outcome=\"result\"} 1\n",
        "mcpgate_mcp_request_duration_seconds_count{method=\"tools/call\"} 1\n",
        "mcpgate_http_requests_in_flight 1\n", "mcpgate_http_streams_open 0\n", "mcpgate_ready 1\n",
        "process_resident_memory_bytes "}) {
    CAPTURE(line);
    CHECK(metrics.body.find(line) != std::string::npos);
  }
  CHECK(metrics.body.find("thing") == std::string::npos);
}

TEST_CASE_FIXTURE(HttpHost, "what the listener refuses by itself is counted and logged") {
  Start({"--max-body", "1KiB"});
  const std::string token = MakeToken();
  Client(port).Ask("nonsense\r\n\r\n");
  CHECK(Client(port).Ask("GET /" + std::string(40'000, 'a')).status == 431);
  const std::string large =
      "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1025\r\n" +
      Bearer(token);
  CHECK(Client(port).Ask(large + "\r\n").status == 413);
  const std::string metrics = Get("/metrics").body;
  for (const char* line :
       {"mcpgate_http_requests_total{path=\"unread\",status=\"4xx\"} 2\n",
        "mcpgate_http_requests_total{path=\"mcp\",status=\"4xx\"} 1\n",
        "mcpgate_http_refusals_total{code=\"400\"} 1\n", "mcpgate_http_refusals_total{code=\"413\"} 1\n",
        "mcpgate_http_refusals_total{code=\"431\"} 1\n", "mcpgate_http_requests_in_flight 1\n",
        "mcpgate_http_connections_refused_total{reason=\"tls\"} 0\n"}) {
    CAPTURE(line);
    CHECK(metrics.find(line) != std::string::npos);
  }
  const std::string log = Stop().err;
  CHECK(log.find(R"("path":"unread","peer":"127.0.0.1","status":431)") != std::string::npos);
  CHECK(log.find(R"("method":"POST")") != std::string::npos);
  CHECK(log.find("\"key\":\"" + token.substr(7, 12) + "\"") != std::string::npos);
  CHECK(log.find("nonsense") == std::string::npos);
}

TEST_CASE_FIXTURE(HttpHost, "newcomers that must wait are counted and logged") {
  Start({"--max-connections", "1", "--address-limit", "off"});
  auto first = std::make_unique<Client>(port);
  CHECK(first->Ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").status == 200);
  Client second(port);
  second.Send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
  // The second one is told of when the next tick finds it waiting.
  CHECK(first->Ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").status == 200);
  const auto waits = [&] {
    return first->Ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
               .body.find("refused_total{reason=\"full\"} 0\n") == std::string::npos;
  };
  bool has_waited = false;
  for (int i = 0; i < 20'000 && !has_waited; ++i) has_waited = waits();
  CHECK(has_waited);
  first->Close();
  CHECK(second.Read().status == 200);
  CHECK(Stop().err.find("\"refused\":\"full\"") != std::string::npos);
}

TEST_CASE_FIXTURE(HttpHost, "a client of another machine sees the metrics only when they are open") {
  Start({"--trusted-proxy", "127.0.0.1"});
  CHECK(Get("/metrics").status == 200);
  CHECK(Get("/metrics", "X-Forwarded-For: 203.0.113.9\r\n").status == 403);
  CHECK(Get("/metrics", "X-Forwarded-For: 203.0.113.9\r\nForwarded: for=192.0.2.1\r\n").status == 403);
  Start({});  // behind a proxy of this machine that nobody told of
  CHECK(Get("/metrics", "Forwarded: for=192.0.2.1\r\n").status == 403);
  CHECK(Get("/metrics", "Via: 1.1 proxy\r\n").status == 403);
  Start({"--trusted-proxy", "127.0.0.1", "--metrics-open"});
  CHECK(Get("/metrics", "X-Forwarded-For: 203.0.113.9\r\n").status == 200);
}

TEST_CASE_FIXTURE(HttpHost, "an address beyond its limit is refused before its key is looked at") {
  Start({"--address-limit", "exact:2/1m"});
  CHECK(Ask("POST", "/mcp").status == 401);
  CHECK(Ask("POST", "/mcp").status == 401);
  const Answer answer = Ask("POST", "/mcp");
  CHECK(answer.status == 429);
  CHECK(answer.Field("RateLimit-Policy") == "\"address\";q=2;w=60");
  CHECK(answer.Field("RateLimit").starts_with("\"address\";r=0;t="));
  const int wait = std::stoi(answer.Field("Retry-After"));
  CHECK(wait >= 1);
  CHECK(wait <= 60);
  const absl::StatusOr<Json> body = ParseJson(answer.body);
  REQUIRE(body.ok());
  CHECK((*body)["error"]["code"] == 42901);
  CHECK((*body)["error"]["data"]["violated-policies"] == Json::array({"address"}));
  CHECK(Get("/healthz").status == 200);
  CHECK(Get("/readyz").status == 200);
}

TEST_CASE_FIXTURE(HttpHost, "a page of an allowed origin can read that its address must wait") {
  Start({"--address-limit", "exact:1/1m", "--allow-origin", "https://app.example"});
  const std::string page = "Origin: https://app.example\r\n";
  CHECK(Ask("POST", "/mcp", page).status == 401);
  const Answer refused = Ask("POST", "/mcp", page);
  CHECK(refused.status == 429);
  CHECK(refused.Field("Access-Control-Allow-Origin") == "https://app.example");
  CHECK(refused.Field("Access-Control-Expose-Headers").find("Retry-After") != std::string::npos);
  CHECK(refused.Field("RateLimit").starts_with("\"address\";r=0;t="));
  const Answer preflight = Ask("OPTIONS", "/mcp", page + "Access-Control-Request-Method: POST\r\n");
  CHECK(preflight.status == 204);
  CHECK(preflight.Field("Access-Control-Allow-Origin") == "https://app.example");
  // Nobody else's page can, and a preflight buys nothing else.
  CHECK_FALSE(Ask("POST", "/mcp", "Origin: https://evil.example\r\n").Has("Access-Control-Allow-Origin"));
  CHECK_FALSE(Get("/nothing", page).Has("Access-Control-Allow-Origin"));
  CHECK(Ask("OPTIONS", "/mcp", page).status == 429);
}

TEST_CASE_FIXTURE(HttpHost, "a page of an allowed origin can read that its body is too large") {
  Start({"--max-body", "1KiB", "--allow-origin", "https://app.example"});
  const Answer refused = Client(port).Ask(
      "POST /mcp HTTP/1.1\r\nHost: localhost\r\nOrigin: https://app.example\r\n" + Bearer(MakeToken()) +
      "Content-Type: application/json\r\nContent-Length: 1025\r\n\r\n");
  CHECK(refused.status == 413);
  CHECK(refused.Field("Access-Control-Allow-Origin") == "https://app.example");
}

TEST_CASE_FIXTURE(HttpHost, "an address that shows wrong keys again and again is refused altogether") {
  const std::string token = MakeToken();
  Start({"--failure-limit", "exact:2/1m"});
  CHECK(CallTool(token, "discord_list_channels").status == 200);
  CHECK(CallTool("mcpg_k_nonsense", "discord_list_channels").status == 401);
  CHECK(CallTool("mcpg_k_nonsense", "discord_list_channels").status == 401);
  const Answer guess = CallTool("mcpg_k_nonsense", "discord_list_channels");
  CHECK(guess.status == 429);
  CHECK(guess.Field("RateLimit-Policy") == "\"failures\";q=2;w=60");
  CHECK(CallTool(token, "discord_list_channels").status == 429);
}

TEST_CASE_FIXTURE(HttpHost, "wrong keys at the log-in count as well") {
  const std::string token = MakeToken();
  Start({"--failure-limit", "exact:2/1m"});
  CHECK(LogIn(token).status == 200);
  CHECK(LogIn("mcpg_k_nonsense").status == 401);
  CHECK(LogIn("mcpg_k_nonsense").status == 401);
  CHECK(LogIn("mcpg_k_nonsense").status == 429);
  CHECK(LogIn(token).status == 429);
}

TEST_CASE_FIXTURE(HttpHost, "the session of a browser opens the dashboard's service, and not MCP") {
  const std::string token = MakeToken();
  Start();
  const Answer entered = LogIn(token);
  REQUIRE(entered.status == 200);
  const std::string set = entered.Field("Set-Cookie");
  const std::string cookie = "Cookie: " + set.substr(0, set.find(';')) + "\r\n";
  CHECK(Get("/v1/whoami", cookie).status == 200);
  CHECK(Ask("POST", "/mcp", cookie).status == 401);
  CHECK(Get("/mcp", cookie).status == 401);
}

TEST_CASE_FIXTURE(HttpHost, "accepted keys do not count as failures") {
  const std::string token = MakeToken();
  Start({"--failure-limit", "exact:1/1m"});
  for (int i = 0; i < 3; ++i) CHECK(CallTool(token, "discord_list_channels").status == 200);
}

TEST_CASE_FIXTURE(HttpHost, "what a proxy says of the client counts only when the proxy is trusted") {
  const std::string one = "X-Forwarded-For: 203.0.113.1\r\n";
  const std::string other = "X-Forwarded-For: 203.0.113.2\r\n";
  Start({"--address-limit", "exact:1/1m"});
  CHECK(Ask("POST", "/mcp", one).status == 401);
  CHECK(Ask("POST", "/mcp", other).status == 429);
  Start({"--address-limit", "exact:1/1m", "--trusted-proxy", "127.0.0.0/8"});
  CHECK(Ask("POST", "/mcp", one).status == 401);
  CHECK(Ask("POST", "/mcp", other).status == 401);
  CHECK(Ask("POST", "/mcp", other).status == 429);
  // The client itself wrote the left part.
  CHECK(Ask("POST", "/mcp", "X-Forwarded-For: 198.51.100.1, 203.0.113.2\r\n").status == 429);
  CHECK(Ask("POST", "/mcp", "Forwarded: for=\"[2001:db8:1:2::3]:4711\"\r\n").status == 401);
  CHECK(Ask("POST", "/mcp", "Forwarded: for=\"[2001:db8:1:2:ffff::9]\"\r\n").status == 429);  // the same /64
}

TEST_CASE_FIXTURE(HttpHost, "the trail names the client behind a trusted proxy") {
  const std::string token = MakeToken();
  Start({"--trusted-proxy", "127.0.0.1"});
  const Answer answer =
      CallTool(token, "discord_list_channels", Json::object(), "X-Forwarded-For: 203.0.113.7\r\n");
  CHECK(answer.status == 200);
  CHECK(Stop().code == 0);
  const std::vector<Json> records = AskLines({"audit", "tail", "--action", "discord_list_channels"});
  REQUIRE_FALSE(records.empty());
  CHECK(records.back()["source"] == "http 203.0.113.7");
}

TEST_CASE_FIXTURE(HttpHost, "the access log has one JSON line a request and nothing a stranger wrote") {
  const Json made = Create({"--role", "writer", "--channel", "*"});
  const std::string token = StringOr(made, "token", "");
  Start();
  CallTool(token, "discord_list_channels", Json::object(),
           "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n");
  Get("/secret-looking-path?token=abc");
  const Ended ended = Stop();
  CHECK(ended.err.find(token) == std::string::npos);
  CHECK(ended.err.find("secret-looking-path") == std::string::npos);
  std::vector<Json> lines;
  for (std::size_t at = 0; at < ended.err.size();) {
    const std::size_t end = ended.err.find('\n', at);
    if (ended.err[at] == '{') lines.push_back(ParseJson(ended.err.substr(at, end - at)).value_or(Json()));
    at = end + 1;
  }
  REQUIRE(lines.size() == 2);
  // Each line is written after its answer, so those of two connections may change places.
  if (lines[0]["path"] == "other") std::swap(lines[0], lines[1]);
  CHECK(lines[0]["method"] == "POST");
  CHECK(lines[0]["path"] == "mcp");
  CHECK(lines[0]["status"] == 200);
  CHECK(lines[0]["peer"] == "127.0.0.1");
  CHECK(lines[0]["key"] == made["key"]["id"]);
  CHECK(lines[0]["trace"] == "4bf92f3577b34da6a3ce929d0e0e4736");
  CHECK(lines[0]["bytes"].get<int>() > 100);
  CHECK(lines[0]["ms"].get<double>() > 0);
  CHECK(lines[1]["path"] == "other");
  CHECK_FALSE(lines[1].contains("key"));
}

}  // namespace
}  // namespace mcpgate::hosts
