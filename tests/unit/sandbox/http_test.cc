#include <doctest/doctest.h>

#include <thread>

#include "fixture.h"
#include "raw_socket.h"

namespace mcpgate::testing {
namespace {

std::string Head(const Bot& bot, std::string_view method, std::string_view path) {
  std::string head(method);
  head.append(" /api/v10").append(path).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n");
  head.append("User-Agent: DiscordBot (x, 1)\r\nAuthorization: Bot ").append(bot.client.token).append("\r\n");
  return head;
}

std::string StatusLine(const std::string& answer) { return answer.substr(0, answer.find("\r\n")); }

TEST_CASE("one connection carries many requests") {
  Bot bot;
  for (int i = 0; i < 20; ++i) CHECK(bot.client.Get("/users/@me").status == 200);
  CHECK(bot.sandbox->counters().connections == 1);
  CHECK(bot.sandbox->counters().requests == 20);
}

TEST_CASE("several connections are served at once") {
  Bot bot;
  std::vector<std::thread> senders;
  for (int i = 0; i < 8; ++i) {
    senders.emplace_back([&bot, i] {
      Client client(*bot.sandbox);
      for (int k = 0; k < 10; ++k) client.Post(bot.Messages(), {{"content", std::to_string(i * 10 + k)}});
    });
  }
  for (std::thread& sender : senders) sender.join();
  CHECK(bot.sandbox->counters().created == 80);
  CHECK(bot.sandbox->counters().connections == 8);
}

TEST_CASE("requests sent ahead are answered in order on their connection") {
  Bot bot;
  RawSocket socket(*bot.sandbox);
  socket.Send(Head(bot, "GET", "/users/@me") + "\r\n" + Head(bot, "GET", "/nothing") +
              "Connection: close\r\n\r\n");
  const std::string answers = socket.ReadAll();
  const std::size_t first = answers.find("HTTP/1.1 200 OK");
  const std::size_t second = answers.find("HTTP/1.1 404 Not Found");
  CHECK(first == 0);
  CHECK(second != std::string::npos);
}

TEST_CASE("a body beyond the bound is refused, and the refusal arrives") {
  Bot bot({.rate_limits = false, .max_body = 2000});
  const Answer answer = bot.Say(std::string(3000, 'x'));
  CHECK(answer.status == 413);
  CHECK(answer.Code() == 40005);
  CHECK(answer.Header("Connection") == "close");
  CHECK(bot.Say("short").status == 200);
}

TEST_CASE("a chunked body beyond the bound is refused as well") {
  Bot bot({.rate_limits = false, .max_body = 2000});
  RawSocket socket(*bot.sandbox);
  socket.Send(Head(bot, "POST", bot.Messages()) + "Transfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 5; ++i) socket.Send("200\r\n" + std::string(512, 'x') + "\r\n");
  CHECK(StatusLine(socket.ReadAll()) == "HTTP/1.1 413 Payload Too Large");
}

TEST_CASE("a client that asks before it sends its body is told to continue") {
  Bot bot;
  const std::string body = R"({"content":"asked first"})";
  RawSocket socket(*bot.sandbox);
  socket.Send(Head(bot, "POST", bot.Messages()) + "Content-Type: application/json\r\nConnection: close\r\n" +
              "Expect: 100-continue\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n");
  REQUIRE(socket.ReadUntil("HTTP/1.1 100 Continue\r\n\r\n"));
  socket.Send(body);
  CHECK(socket.ReadAll().find("HTTP/1.1 200 OK") != std::string::npos);
  CHECK(bot.sandbox->counters().created == 1);
}

TEST_CASE("what is not HTTP, or too much of it, is refused and the connection closed") {
  Bot bot({.rate_limits = false, .max_header = 2048});
  struct Row {
    std::string text;
    const char* status;
  };
  const Row rows[] = {
      {"hello?\r\n\r\n", "HTTP/1.1 400 Bad Request"},
      {"GET / HTTP/9.9\r\n\r\n", "HTTP/1.1 400 Bad Request"},
      {Head(bot, "POST", "/x") + "Content-Length: -1\r\n\r\n", "HTTP/1.1 400 Bad Request"},
      {Head(bot, "GET", "/x") + "X-Long: " + std::string(4096, 'x') + "\r\n\r\n",
       "HTTP/1.1 431 Request Header Fields Too Large"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text.substr(0, 60));
    RawSocket socket(*bot.sandbox);
    socket.Send(row.text);
    CHECK(StatusLine(socket.ReadAll()) == row.status);
  }
  CHECK(bot.client.Get("/users/@me").status == 200);
}

TEST_CASE("a silent connection is closed when its time is over") {
  Bot bot({.rate_limits = false, .idle_timeout = std::chrono::milliseconds(20)});
  RawSocket silent(*bot.sandbox);
  CHECK(silent.ReadAll().empty());
  RawSocket slow(*bot.sandbox);
  slow.Send("GET /api/v10/users/@me HTTP/1.1\r\nHost:");
  CHECK(slow.ReadAll().empty());
}

TEST_CASE("connections beyond the bound wait until one closes") {
  Bot bot({.rate_limits = false, .max_connections = 2});
  RawSocket first(*bot.sandbox), second(*bot.sandbox), third(*bot.sandbox);
  for (RawSocket* socket : {&first, &second, &third}) socket->Send(Head(bot, "GET", "/users/@me") + "\r\n");
  CHECK(first.ReadUntil("HTTP/1.1 200"));
  CHECK(second.ReadUntil("HTTP/1.1 200"));
  CHECK(bot.sandbox->counters().connections == 2);
  first.Close();
  CHECK(third.ReadUntil("HTTP/1.1 200"));
  CHECK(bot.sandbox->counters().connections == 3);
}

TEST_CASE("a taken port is an error that says what to do") {
  Bot bot;
  const std::string& url = bot.sandbox->base_url();
  const auto port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  const auto second = Sandbox::Start({.port = port});
  REQUIRE_FALSE(second.ok());
  CHECK(second.status().code() == absl::StatusCode::kUnavailable);
  CHECK(second.status().message().find("choose another port") != std::string::npos);
}

TEST_CASE("the log has the requests but never the token") {
  Bot bot;
  bot.client.extra_header = "X-Audit-Log-Reason: because";
  bot.Say("logged");
  const std::string right = bot.client.token;
  bot.client.token = "an-intruder's";
  bot.client.Get("/users/@me?x=1");
  const auto log = bot.sandbox->RequestLog();
  REQUIRE(log.size() == 2);
  CHECK(log[0].method == "POST");
  CHECK(log[0].path == "/api/v10" + bot.Messages());
  CHECK(log[0].body == R"({"content":"logged"})");
  CHECK(log[0].status == 200);
  CHECK(*log[0].Header("authorization") == "valid");
  CHECK(*log[0].Header("X-Audit-Log-Reason") == "because");
  CHECK(log[1].query == "x=1");
  CHECK(log[1].status == 401);
  CHECK(*log[1].Header("Authorization") == "invalid");
  for (const SandboxRequest& request : log) {
    for (const auto& [name, value] : request.headers) CHECK(value.find(right) == std::string::npos);
  }
}

TEST_CASE("the log is bounded in requests and in bytes") {
  Bot bot({.rate_limits = false, .max_log = 3});
  for (int i = 0; i < 4; ++i) bot.client.Get("/users/@me?n=" + std::to_string(i));
  bot.client.Post("/nothing", {{"content", std::string(100'000, 'x')}});
  const auto log = bot.sandbox->RequestLog();
  REQUIRE(log.size() == 3);
  CHECK(log[0].query == "n=2");
  CHECK(log[2].body.size() == 16 << 10);
}

}  // namespace
}  // namespace mcpgate::testing
