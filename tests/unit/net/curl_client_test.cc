#include "net/curl_client.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include "support/wire_server.h"

namespace mcpgate::net {
namespace {

using testing::WireConnection;
using testing::WireServer;

HttpRequest Get(const std::string& url) { return {.method = "GET", .url = url, .repeatable = true}; }
HttpRequest Post(const std::string& url, std::string body) {
  HttpRequest request{.method = "POST", .url = url, .body = std::move(body)};
  request.headers.Add("Content-Type", "application/json");
  return request;
}

TEST_CASE("status, headers and body come back as the server said them") {
  WireServer server([](WireConnection& wire, const std::string&) {
    wire.Answer(404, "{\"code\":10003}", "X-RateLimit-Reset-After: 0.25\r\n");
  });
  const auto client = NewCurlClient();
  const auto answer = client->Send(Get(server.url("/a")), {});
  REQUIRE(answer.ok());
  CHECK(answer->status == 404);
  CHECK(answer->body == "{\"code\":10003}");
  REQUIRE(answer->headers.Find("x-ratelimit-reset-after") != nullptr);
  CHECK(*answer->headers.Find("x-ratelimit-reset-after") == "0.25");
  CHECK(answer->elapsed > Nanos(0));
}

TEST_CASE("method, headers and body arrive as they were given") {
  std::promise<std::string> seen;
  WireServer server([&](WireConnection& wire, const std::string& request) {
    seen.set_value(request);
    wire.Answer(200, "ok");
  });
  HttpRequest request = Post(server.url("/channels/1/messages"), "{\"content\":\"hi\"}");
  request.headers.Add("Authorization", "Bot abc");
  REQUIRE(NewCurlClient()->Send(request, {}).ok());
  const std::string text = seen.get_future().get();
  CHECK(text.starts_with("POST /channels/1/messages HTTP/1.1\r\n"));
  CHECK(text.find("\r\nAuthorization: Bot abc\r\n") != text.npos);
  CHECK(text.find("Expect:") == text.npos);
  CHECK(text.ends_with("\r\n\r\n{\"content\":\"hi\"}"));
}

TEST_CASE("every method reaches the server under its own name") {
  std::string seen;
  WireServer server([&](WireConnection& wire, const std::string& request) {
    seen = request.substr(0, request.find(' '));
    wire.Answer(200, "");
  });
  const auto client = NewCurlClient();
  for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
    REQUIRE(client->Send({.method = method, .url = server.url()}, {}).ok());
    CHECK(seen == method);
  }
}

TEST_CASE("a connection is used again") {
  WireServer server([](WireConnection& wire, const std::string&) { wire.Answer(200, "ok"); });
  const auto client = NewCurlClient();
  for (int i = 0; i < 5; ++i) REQUIRE(client->Send(Get(server.url()), {}).ok());
  CHECK(server.requests() == 5);
  CHECK(server.connections() == 1);
}

TEST_CASE("a redirect is an answer, not an errand") {
  WireServer server(
      [](WireConnection& wire, const std::string&) { wire.Answer(302, "", "Location: /elsewhere\r\n"); });
  const auto answer = NewCurlClient()->Send(Get(server.url()), {});
  REQUIRE(answer.ok());
  CHECK(answer->status == 302);
  CHECK(server.requests() == 1);
}

TEST_CASE("headers of an interim answer do not count") {
  WireServer server([](WireConnection& wire, const std::string&) {
    wire.Write("HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n");
    wire.Answer(200, "ok", "X-Late: 1\r\n");
  });
  const auto answer = NewCurlClient()->Send(Get(server.url()), {});
  REQUIRE(answer.ok());
  CHECK(answer->headers.Find("X-Early") == nullptr);
  CHECK(answer->headers.Find("X-Late") != nullptr);
}

TEST_CASE("nobody listening: certainly not sent") {
  std::string url;
  {
    WireServer gone([](WireConnection&, const std::string&) {});
    url = gone.url();
  }
  const auto answer = NewCurlClient()->Send(Post(url, "{}"), {});
  CHECK(answer.status().code() == absl::StatusCode::kUnavailable);
  CHECK(DeliveryOf(answer.status()) == Delivery::kNotSent);
  CHECK(answer.status().message().find("http://127.0.0.1") != std::string::npos);
}

TEST_CASE("a handshake that fails sends nothing") {
  std::atomic<bool> saw_request{false};
  WireServer server([&](WireConnection&, const std::string&) { saw_request = true; });
  HttpRequest request = Post("https" + server.url().substr(4), "{}");
  request.timeout = std::chrono::milliseconds(300);
  const auto answer = NewCurlClient()->Send(request, {});
  CHECK_FALSE(answer.ok());
  CHECK(DeliveryOf(answer.status()) == Delivery::kNotSent);
  CHECK_FALSE(saw_request);
}

TEST_CASE("a connection cut after the request: maybe sent, and the body is not in the message") {
  WireServer server([](WireConnection& wire, const std::string&) { wire.Cut(); });
  const auto answer = NewCurlClient()->Send(Post(server.url(), "canary-body"), {});
  CHECK(answer.status().code() == absl::StatusCode::kUnavailable);
  CHECK(DeliveryOf(answer.status()) == Delivery::kMaybeSent);
  CHECK(answer.status().ToString().find("canary") == std::string::npos);
}

TEST_CASE("an answer cut in the middle is no answer") {
  WireServer server([](WireConnection& wire, const std::string&) {
    wire.Write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    wire.Cut();
  });
  const auto answer = NewCurlClient()->Send(Get(server.url()), {});
  CHECK(answer.status().code() == absl::StatusCode::kUnavailable);
  CHECK(DeliveryOf(answer.status()) == Delivery::kMaybeSent);
}

// libcurl repeats a request by itself when a reused connection dies without a byte of an answer, also a POST.
TEST_CASE("a request that must not be repeated goes out once, even on a reused connection that dies") {
  std::atomic<int> posts{0};
  WireServer server([&](WireConnection& wire, const std::string& request) {
    if (request.starts_with("GET")) return wire.Answer(200, "ok");
    ++posts;
    wire.Cut();
  });
  const auto client = NewCurlClient();
  REQUIRE(client->Send(Get(server.url()), {}).ok());
  const auto answer = client->Send(Post(server.url(), "{}"), {});
  CHECK(posts == 1);
  CHECK(answer.status().code() == absl::StatusCode::kUnavailable);
  CHECK(DeliveryOf(answer.status()) == Delivery::kMaybeSent);
}

TEST_CASE("a repeatable request survives a reused connection that dies") {
  std::atomic<int> count{0};
  WireServer server([&](WireConnection& wire, const std::string&) {
    if (++count == 2) return wire.Cut();
    wire.Answer(200, "ok");
  });
  const auto client = NewCurlClient();
  REQUIRE(client->Send(Get(server.url()), {}).ok());
  CHECK(client->Send(Get(server.url()), {}).ok());
  CHECK(server.connections() == 2);
}

TEST_CASE("an answer beyond its bound is given up") {
  WireServer server([](WireConnection& wire, const std::string& request) {
    if (request.starts_with("GET /body")) return wire.Answer(200, std::string(20'000, 'x'));
    wire.Answer(200, "", "X-Long: " + std::string(70'000, 'x') + "\r\n");
  });
  const auto client = NewCurlClient();
  HttpRequest request = Get(server.url("/body"));
  request.max_response = 10'000;
  CHECK(client->Send(request, {}).status().code() == absl::StatusCode::kResourceExhausted);
  request.max_response = 20'000;
  CHECK(client->Send(request, {}).ok());
  CHECK(client->Send(Get(server.url("/headers")), {}).status().code() ==
        absl::StatusCode::kResourceExhausted);
}

TEST_CASE("a silent server costs the timeout and no more") {
  WireServer server([](WireConnection& wire, const std::string&) { wire.WaitForClose(); });
  HttpRequest request = Post(server.url(), "{}");
  request.timeout = std::chrono::milliseconds(50);
  const auto answer = NewCurlClient()->Send(request, {});
  CHECK(answer.status().code() == absl::StatusCode::kDeadlineExceeded);
  CHECK(DeliveryOf(answer.status()) == Delivery::kMaybeSent);
}

TEST_CASE("no time left means nothing is sent") {
  WireServer server([](WireConnection& wire, const std::string&) { wire.Answer(200, ""); });
  HttpRequest request = Get(server.url());
  request.timeout = Nanos(0);
  const auto answer = NewCurlClient()->Send(request, {});
  CHECK(answer.status().code() == absl::StatusCode::kDeadlineExceeded);
  CHECK(DeliveryOf(answer.status()) == Delivery::kNotSent);
  CHECK(server.requests() == 0);
}

TEST_CASE("a stop request ends the wait and closes the connection") {
  std::promise<void> arrived, closed;
  WireServer server([&](WireConnection& wire, const std::string&) {
    arrived.set_value();
    wire.WaitForClose();
    closed.set_value();
  });
  const auto client = NewCurlClient();
  std::stop_source stop;
  auto answer = std::async(std::launch::async,
                           [&] { return client->Send(Post(server.url(), "{}"), stop.get_token()).status(); });
  arrived.get_future().wait();
  stop.request_stop();
  const absl::Status status = answer.get();
  CHECK(status.code() == absl::StatusCode::kCancelled);
  CHECK(DeliveryOf(status) == Delivery::kMaybeSent);
  closed.get_future().wait();
}

TEST_CASE("a stop request made before the call sends nothing") {
  WireServer server([](WireConnection& wire, const std::string&) { wire.Answer(200, ""); });
  std::stop_source stop;
  stop.request_stop();
  const auto answer = NewCurlClient()->Send(Get(server.url()), stop.get_token());
  CHECK(answer.status().code() == absl::StatusCode::kCancelled);
  CHECK(DeliveryOf(answer.status()) == Delivery::kNotSent);
  CHECK(server.connections() == 0);
}

TEST_CASE("more exchanges at once than allowed are refused at once, and the place is free again after") {
  std::promise<void> arrived, release;
  std::shared_future<void> released = release.get_future().share();
  std::atomic<int> seen{0};
  WireServer server([&](WireConnection& wire, const std::string&) {
    if (++seen == 2) arrived.set_value();
    released.wait();
    wire.Answer(200, "ok");
  });
  const auto client = NewCurlClient({.max_in_flight = 2});
  std::vector<std::future<bool>> waiting;
  for (int i = 0; i < 2; ++i) {
    waiting.push_back(
        std::async(std::launch::async, [&] { return client->Send(Get(server.url()), {}).ok(); }));
  }
  arrived.get_future().wait();
  const auto refused = client->Send(Get(server.url()), {});
  CHECK(refused.status().code() == absl::StatusCode::kResourceExhausted);
  CHECK(DeliveryOf(refused.status()) == Delivery::kNotSent);
  release.set_value();
  for (auto& one : waiting) CHECK(one.get());
  CHECK(client->Send(Get(server.url()), {}).ok());
}

TEST_CASE("many threads share one client") {
  WireServer server([](WireConnection& wire, const std::string& request) {
    wire.Answer(200, request.substr(4, request.find(' ', 4) - 4));
  });
  const auto client = NewCurlClient();
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        const std::string path = fmt::format("/{}/{}", t, i);
        const auto answer = client->Send(Get(server.url(path)), {});
        if (answer.ok() && answer->body == path) ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(right == 200);
  CHECK(server.connections() <= 16);
}

}  // namespace
}  // namespace mcpgate::net
