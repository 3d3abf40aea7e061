// What a client sends, and what the handler sees of it.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>

#include "served.h"

namespace mcpgate {
namespace {

using namespace testing;

TEST_CASE("a request arrives as it was sent") {
  Box<std::string> seen;
  Served served([&](const HttpRequest& request, const Exchange& exchange) {
    seen.Put(fmt::format("{}|{}|{}|{}|{}|{}", request.method, request.target, request.body, request.peer,
                         request.secure, request.Find("x-one").value_or("none")));
    CHECK(request.headers.size() == 3);
    CHECK_FALSE(request.Find("X-Two").has_value());
    exchange->Respond({.status = 201, .headers = {{"X-Answer", "yes"}}, .body = "made"});
  });
  Client client(served.port);
  const Answer answer =
      client.Ask("POST /a/b?c=%20d HTTP/1.1\r\nHost: x\r\nX-ONE:  1 2 \t\r\nContent-Length: 4\r\n\r\nbody");
  CHECK(seen.Get() == "POST|/a/b?c=%20d|body|127.0.0.1|false|1 2");
  CHECK(answer.status == 201);
  CHECK(answer.head.starts_with("HTTP/1.1 201 Created\r\nDate: "));
  CHECK(answer.Field("X-Answer") == "yes");
  CHECK(answer.body == "made");
  CHECK_FALSE(answer.Has("Connection"));
  CHECK_FALSE(answer.Has("Server"));
}

TEST_CASE("a connection serves one request after another") {
  Served served;
  Client client(served.port);
  for (int i = 0; i < 100; ++i) {
    const Answer answer = client.Ask(fmt::format("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", i));
    REQUIRE(answer.body == fmt::format("GET /{} ", i));
  }
  CHECK(served.listener->accepted_connections() == 1);
  CHECK(served.listener->open_connections() == 1);
}

TEST_CASE("pipelined requests are answered in order, by handlers that answer at once or later") {
  Box<Exchange> later;
  Served served([&](const HttpRequest& request, const Exchange& exchange) {
    if (request.target == "/later") return later.Put(exchange);
    Echo(request, exchange);
  });
  Client client(served.port);
  std::string all;
  for (int i = 0; i < 50; ++i) {
    all += fmt::format("POST /{} HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", i);
  }
  all += "GET /later HTTP/1.1\r\nHost: x\r\n\r\nGET /last HTTP/1.1\r\nHost: x\r\n\r\n";
  client.Send(all);
  for (int i = 0; i < 50; ++i) REQUIRE(client.Read().body == fmt::format("POST /{} abc", i));
  later.Get()->Respond({.status = 200, .body = "patience"});
  CHECK(client.Read().body == "patience");
  CHECK(client.Read().body == "GET /last ");
}

TEST_CASE("a request may arrive byte by byte") {
  Served served;
  Client client(served.port);
  const std::string request =
      "POST /slow HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: v\r\n\r\n";
  for (int round = 0; round < 2; ++round) {
    for (const char byte : request) REQUIRE(client.Send({&byte, 1}));
    CHECK(client.Read().body == "POST /slow abcde");
  }
}

TEST_CASE("bodies of any size up to the bound arrive, plain and in chunks") {
  Served served([](const HttpRequest& request, const Exchange& exchange) {
    exchange->Respond({.status = 200, .body = std::string(request.body)});
  });
  Client client(served.port);
  for (const std::size_t size : {0u, 1u, 4095u, 4096u, 4097u, 70'000u, 4u << 20}) {
    CAPTURE(size);
    std::string body(size, 'a');
    for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<char>('a' + i % 23);
    const Answer plain =
        client.Ask(fmt::format("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{}", size, body));
    CHECK(plain.status == 200);
    CHECK((plain.body == body));
    std::string chunks;
    for (std::size_t at = 0; at < size; at += 1000) {
      const std::string part = body.substr(at, 1000);
      chunks += fmt::format("{:X}\r\n{}\r\n", part.size(), part);
    }
    const Answer joined = client.Ask(
        fmt::format("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{}0\r\n\r\n", chunks));
    CHECK(joined.status == 200);
    CHECK((joined.body == body));
  }
}

TEST_CASE("an answer to HEAD has the length of the body and not the body") {
  Served served;
  Client client(served.port);
  client.Send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n");
  const Answer answer = client.Read(/*is_head=*/true);
  CHECK(answer.status == 200);
  CHECK(answer.Field("Content-Length") == "8");
  CHECK(client.Ask(kGet).body == "GET /a ");  // nothing came in between
}

TEST_CASE("100 Continue is sent when the request is welcome") {
  Served served;
  Client client(served.port);
  client.Send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-Continue\r\n\r\n");
  CHECK(client.Read().status == 100);
  CHECK(client.Ask("hi").body == "POST /a hi");
  // A client that does not wait needs none.
  CHECK(
      client.Ask("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nho").body ==
      "POST /b ho");
}

TEST_CASE("a request that is screened out is answered before its body is sent") {
  std::atomic<int> handled = 0;
  Served served([&](const HttpRequest&, const Exchange&) { ++handled; }, {.threads = 1},
                [](const HttpRequest& request) -> std::optional<HttpResponse> {
                  CHECK(request.body.empty());
                  return HttpResponse{.status = 401, .body = "who are you"};
                });
  Client client(served.port);
  client.Send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n");
  const Answer answer = client.Read();
  CHECK(answer.status == 401);
  CHECK(answer.body == "who are you");
  CHECK(answer.Field("Connection") == "close");
  client.Send("some of the body nevertheless");
  CHECK(client.IsClosed());
  CHECK(handled == 0);
}

TEST_CASE("a request without a body, or with all of it here, is screened out and the connection stays") {
  Served served(Echo, {.threads = 1}, [](const HttpRequest& request) -> std::optional<HttpResponse> {
    if (request.target == "/no") return HttpResponse{.status = 403, .body = "no"};
    return std::nullopt;
  });
  Client client(served.port);
  client.Send("GET /no HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(client.Read().status == 403);
  client.Send(
      "POST /no HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET /yes HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(client.Read().status == 403);
  CHECK(client.Read().body == "GET /yes ");
}

TEST_CASE("HTTP/1.0 gets its answer and then the end of the connection") {
  Served served;
  Client client(served.port);
  const Answer answer = client.Ask("GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(answer.body == "GET /old ");
  CHECK(answer.Field("Connection") == "close");
  CHECK(client.IsClosed());
}

TEST_CASE("a client that asks for the end of the connection gets it after the answer") {
  Served served;
  Client client(served.port);
  const Answer answer = client.Ask("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  CHECK(answer.body == "GET /a ");
  CHECK(answer.Field("Connection") == "close");
  CHECK(client.IsClosed());
}

TEST_CASE("an empty line before a request is overlooked, and an upgrade is not made") {
  Served served;
  Client client(served.port);
  CHECK(client.Ask(std::string("\r\n") + kGet).body == "GET /a ");
  CHECK(client.Ask("GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n").body ==
        "GET /ws ");
}

TEST_CASE("a client that has sent all may close its side and still gets its answer") {
  Box<Exchange> later;
  Served served([&](const HttpRequest&, const Exchange& exchange) { later.Put(exchange); });
  Client client(served.port);
  client.Send(kGet);
  client.HalfClose();
  const Exchange exchange = later.Get();
  Box<bool> gone;
  exchange->OnGone([&] { gone.Put(true); });
  CHECK(gone.Get());  // as far as anybody can tell
  exchange->Respond({.status = 200, .body = "late"});
  CHECK(client.Read().body == "late");
  CHECK(client.IsClosed());
}

TEST_CASE("a request that ends in the middle is never handled") {
  std::atomic<int> handled = 0;
  Served served([&](const HttpRequest&, const Exchange&) { ++handled; });
  for (const char* half : {"GET / HT", "GET / HTTP/1.1\r\nHost: x\r\n",
                           "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabc",
                           "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"}) {
    CAPTURE(half);
    Client client(served.port);
    client.Send(half);
    client.HalfClose();
    CHECK(client.IsClosed());
  }
  CHECK(handled == 0);
}

}  // namespace
}  // namespace mcpgate
