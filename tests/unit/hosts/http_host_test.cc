// mcpgate-http, as a process: how it starts, serves, refuses and ends.
#include "http_host.h"

#include <doctest/doctest.h>

#include <string>

namespace mcpgate::hosts {
namespace {

using testing::Answer;
using testing::Client;
using testing::Ended;
using testing::HttpHost;

TEST_CASE_FIXTURE(HttpHost, "a key is asked for before the body is read") {
  Start();
  Client client(port);
  client.Send(
      "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n"
      "\r\n");
  const Answer answer = client.Read();
  CHECK(answer.status == 401);
  CHECK(answer.Field("WWW-Authenticate") == "Bearer");
  CHECK(answer.body.find("40101") != std::string::npos);
}

TEST_CASE_FIXTURE(HttpHost, "a Discord tool is called over HTTP and leaves its record") {
  Start();
  const std::string token = MakeToken();  // made while it runs: works at once
  const Answer answer = CallTool(token, "discord_list_channels");
  CHECK(answer.status == 200);
  const absl::StatusOr<Json> message = ParseJson(answer.body);
  REQUIRE(message.ok());
  CHECK_FALSE((*message)["result"]["structuredContent"]["channels"].empty());
  CHECK(Stop().code == 0);
  const std::vector<Json> records = AskLines({"audit", "tail", "--action", "discord_list_channels"});
  REQUIRE_FALSE(records.empty());
  CHECK(records.back()["source"] == "http 127.0.0.1");
}

TEST_CASE_FIXTURE(HttpHost, "it says what it serves, and where") {
  Start();
  CHECK(ready["url"] == "http://127.0.0.1:" + std::to_string(port) + "/mcp");
  const Ended ended = Stop(SIGINT);
  CHECK(ended.code == 0);
  CHECK(ended.out.empty());
  CHECK(ended.err.find("serving MCP at " + StringOr(ready, "url", "?")) != std::string::npos);
  CHECK(ended.err.find("no keys yet; make one, it works at once: mcpgate --data '" + data +
                       "' keys create") != std::string::npos);
}

TEST_CASE_FIXTURE(HttpHost, "it can serve at another path") {
  Start({"--path", "/tools/mcp"});
  CHECK(Get("/mcp").status == 404);
  CHECK(Get("/tools/mcp").status == 401);
}

TEST_CASE_FIXTURE(HttpHost, "beyond loopback it wants TLS or to be told that none is needed") {
  const Ended ended = Refused({"--sandbox", "--listen", "0.0.0.0:0"});
  CHECK(ended.code == 2);
  for (const char* way : {"--tls-cert", "--listen 127.0.0.1:8808", "--insecure"}) {
    CHECK(ended.err.find(way) != std::string::npos);
  }
  Start({"--listen", "0.0.0.0:0", "--insecure", "--allow-host", "gate.example"});
  CHECK(Ask("POST", "/mcp", "", "gate.example").status == 401);
  CHECK(Ask("POST", "/mcp", "", "other.example").status == 403);
}

TEST_CASE_FIXTURE(HttpHost, "without a bot token it says where to get one and exits") {
  const Ended ended = Refused({"--listen", "127.0.0.1:0"});
  CHECK(ended.code == 2);
  CHECK(ended.err.find("--discord-token-file") != std::string::npos);
  CHECK(ended.err.find("--sandbox") != std::string::npos);
}

TEST_CASE_FIXTURE(HttpHost, "a place that is taken is named") {
  Start();
  const Ended ended = Refused({"--sandbox", "--listen", "127.0.0.1:" + std::to_string(port)});
  CHECK(ended.code == 1);
  CHECK(ended.err.find("--listen ADDRESS:PORT") != std::string::npos);
}

TEST_CASE_FIXTURE(HttpHost, "SIGTERM waits for the call under way") {
  const std::string token = MakeToken();
  Start({"--sandbox-latency-ms", "1500"});
  Client client(port);
  client.Send(CallText(token, "discord_list_channels", Json::object()));
  REQUIRE(SeesCall());
  program->Signal(SIGTERM);
  const Answer answer = client.Read();
  CHECK(answer.status == 200);
  CHECK(answer.is_whole);
  CHECK(program->Wait().code == 0);
}

TEST_CASE_FIXTURE(HttpHost, "a second signal ends it at once") {
  const std::string token = MakeToken();
  Start({"--sandbox-latency-ms", "60000", "--grace", "1m"});
  Client client(port);
  client.Send(CallText(token, "discord_list_channels", Json::object()));
  REQUIRE(SeesCall());
  Client idle(port);
  program->Signal(SIGTERM);
  CHECK(idle.IsClosed());  // so the first signal has been seen
  program->Signal(SIGTERM);
  CHECK(program->Wait().code == 128 + SIGTERM);
}

TEST_CASE_FIXTURE(HttpHost,
                  "a call that outlives the grace time is cut off, and the end is still a good one") {
  const std::string token = MakeToken();
  Start({"--sandbox-latency-ms", "60000", "--grace", "100ms"});
  Client client(port);
  client.Send(CallText(token, "discord_list_channels", Json::object()));
  REQUIRE(SeesCall());
  const Ended ended = Stop();
  CHECK(ended.code == 0);
  CHECK(ended.err.find("cut off") != std::string::npos);
  CHECK(ended.err.find("\"status\":499") != std::string::npos);
}

TEST_CASE_FIXTURE(HttpHost, "help and version are printed to standard output") {
  CHECK(Refused({"--help"}).out.find("MCPGATE_HTTP_LISTEN") != std::string::npos);
  CHECK(Refused({"--version"}).out.starts_with("mcpgate-http "));
}

}  // namespace
}  // namespace mcpgate::hosts
