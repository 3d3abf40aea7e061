// mcpgate-http under way: SIGHUP, TLS, and SIGTERM while many ask.
#include <curl/curl.h>
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "http_host.h"
#include "unit/http/tls_files.h"

namespace mcpgate::hosts {
namespace {

using testing::Answer;
using testing::Client;
using testing::Ended;
using testing::HttpHost;

struct Running : HttpHost {
  std::string file = dir / "gate.json";

  void Write(std::string_view text) const { testing::WriteFile(file, text); }
  /// True once asking by the name `host` gives `status`.
  bool Becomes(const std::string& host, int status) const {
    for (int i = 0; i < 1000; ++i) {
      if (Ask("POST", "/mcp", "", host).status == status) return true;
    }
    return false;
  }
};

TEST_CASE_FIXTURE(Running, "SIGHUP takes over the hosts that are allowed") {
  Write(R"({"allow-host": ["old.example"], "failure-limit": "off", "address-limit": "off"})");
  Start({"--config", file});
  CHECK(Ask("POST", "/mcp", "", "old.example").status == 401);
  Write(
      R"({"allow-host": ["new.example"], "failure-limit": "off", "address-limit": "off", "path": "/other"})");
  program->Signal(SIGHUP);
  CHECK(Becomes("new.example", 401));
  CHECK(Ask("POST", "/mcp", "", "old.example").status == 403);
  const Ended ended = Stop();
  CHECK(ended.code == 0);
  CHECK(ended.err.find("the new path needs a restart") != std::string::npos);
}

TEST_CASE_FIXTURE(Running, "SIGHUP with a wrong file changes nothing and says why") {
  Write(R"({"allow-host": ["old.example"], "failure-limit": "off"})");
  Start({"--config", file});
  Write("{\n\"allow-host\": [\"new.example\"],\n\"grace\": \"long\"}");
  program->Signal(SIGHUP);
  // Of two pending signals the smaller number is taken first: SIGHUP.
  const Ended ended = Stop();
  CHECK(ended.code == 0);
  CHECK(ended.err.find("SIGHUP: nothing was changed: " + file + ":3: ") != std::string::npos);
}

std::size_t IgnoreBody(char*, std::size_t size, std::size_t count, void*) { return size * count; }

// The status of /healthz over TLS, when the server's certificate is the one in `trusted`; else 0.
long StatusOverTls(std::uint16_t port, const std::string& trusted) {
  CURL* const curl = curl_easy_init();
  const std::string url = "https://127.0.0.1:" + std::to_string(port) + "/healthz";
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_CAINFO, trusted.c_str());
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);  // the certificate names no address
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, IgnoreBody);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, 10L);
  long status = 0;
  if (curl_easy_perform(curl) == CURLE_OK) curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_cleanup(curl);
  return status;
}

TEST_CASE_FIXTURE(Running, "SIGHUP takes over a new certificate, and keeps the old one when it is broken") {
  const HttpTls first = testing::WriteCertificate(dir / "first", "localhost");
  const HttpTls second = testing::WriteCertificate(dir / "second", "localhost");
  const HttpTls used{.certificate_file = dir / "used.pem", .key_file = dir / "used.key"};
  const auto use = [&](const HttpTls& tls) {
    testing::WriteFile(used.certificate_file, testing::ReadFile(tls.certificate_file));
    testing::WriteFile(used.key_file, testing::ReadFile(tls.key_file));
  };
  use(first);
  Start({"--listen", "0.0.0.0:0", "--tls-cert", used.certificate_file, "--tls-key", used.key_file});
  CHECK(StringOr(ready, "url", "").starts_with("https://"));
  CHECK(StatusOverTls(port, first.certificate_file) == 200);
  CHECK(StatusOverTls(port, second.certificate_file) == 0);
  use(second);
  program->Signal(SIGHUP);
  long status = 0;
  for (int i = 0; i < 500 && status == 0; ++i) status = StatusOverTls(port, second.certificate_file);
  CHECK(status == 200);
  testing::WriteFile(used.certificate_file, "nonsense");
  program->Signal(SIGHUP);
  const Ended ended = Stop();
  CHECK(ended.code == 0);
  CHECK(ended.err.find("SIGHUP: nothing was changed") != std::string::npos);
  CHECK(ended.err.find("\"refused\":\"tls\"") != std::string::npos);  // by the client that did not trust
}

TEST_CASE_FIXTURE(Running, "SIGTERM under load breaks no answer and ends well") {
  const std::string token = MakeToken();
  Start({"--sandbox-latency-ms", "5", "--limit", "burst=off,per-key=off,per-tool=off", "--address-limit",
         "off"});
  std::atomic<int> answered{0}, broken{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      Client client(port);
      while (client.Send(CallText(token, "check_server_status", Json::object()))) {
        const Answer answer = client.Read();
        if (answer.status == 0) return;  // closed between two requests
        ++(answer.is_whole && answer.status == 200 ? answered : broken);
      }
    });
  }
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (answered < 50 && broken == 0 && std::chrono::steady_clock::now() < patience) {
    std::this_thread::yield();
  }
  CHECK(answered >= 50);
  program->Signal(SIGTERM);
  const Ended ended = program->Wait();
  for (std::thread& client : clients) client.join();
  CHECK(ended.code == 0);
  CHECK(broken == 0);
  CHECK(ended.err.find("cut off") == std::string::npos);
}

TEST_CASE_FIXTURE(Running, "SIGTERM ends the streams that are open") {
  const std::string token = MakeToken();
  Start({"--grace", "1m"});
  const Json params = {{"notifications", {{"toolsListChanged", true}}},
                       {"_meta",
                        {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                         {"io.modelcontextprotocol/clientInfo", {{"name", "test"}, {"version", "1"}}},
                         {"io.modelcontextprotocol/clientCapabilities", Json::object()}}}};
  const std::string body =
      DumpJson({{"jsonrpc", "2.0"}, {"id", 1}, {"method", "subscriptions/listen"}, {"params", params}});
  Client client(port);
  client.Send("POST /mcp HTTP/1.1\r\nHost: localhost\r\n" + Bearer(token) +
              "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
              "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: subscriptions/listen\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\n\r\n" + body);
  CHECK(client.ReadUntil("\r\n\r\n").find(" 200 ") != std::string::npos);
  CHECK(Get("/metrics").body.find("mcpgate_http_streams_open 1\n") != std::string::npos);
  CHECK(Stop().code == 0);
}

}  // namespace
}  // namespace mcpgate::hosts
