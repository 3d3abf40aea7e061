// Answers that come in pieces, from any thread, and the handler's side of them.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <thread>
#include <vector>

#include "served.h"

namespace mcpgate {
namespace {

using namespace testing;

const HttpResponse kEvents{.status = 200, .headers = {{"Content-Type", "text/event-stream"}}};

/// Hands each exchange to the test.
struct Held {
  explicit Held(HttpListenerOptions options = {.threads = 2})
      : served([this](const HttpRequest&, const Exchange& exchange) { exchanges.Put(exchange); }, options) {}
  Box<Exchange> exchanges;
  Served served;
};

TEST_CASE("a stream arrives piece by piece, and the connection goes on after it") {
  Held held;
  Client client(held.served.port);
  for (int round = 0; round < 2; ++round) {
    client.Send(kGet);
    const Exchange exchange = held.exchanges.Get();
    exchange->BeginStream(kEvents);
    const std::string head = client.ReadUntil("\r\n\r\n");  // before anything was written
    CHECK(head.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(head.find("\r\nTransfer-Encoding: chunked\r\n") != head.npos);
    CHECK(exchange->Write("data: 1\n\n"));
    CHECK(client.ReadUntil("\r\n") == "9\r\n");
    CHECK(client.ReadUntil("\n\n\r\n") == "data: 1\n\n\r\n");
    CHECK(exchange->Write(""));  // an empty chunk would be the end
    CHECK(exchange->Write("data: 2\n\n"));
    CHECK(client.ReadUntil("data: 2\n\n\r\n") == "9\r\ndata: 2\n\n\r\n");
    exchange->End();
    CHECK(client.ReadUntil("\r\n\r\n") == "0\r\n\r\n");
    CHECK_FALSE(exchange->Write("too late"));
  }
}

TEST_CASE("writes of several threads all arrive, each in one piece") {
  Held held;
  Client client(held.served.port);
  client.Send(kGet);
  const Exchange exchange = held.exchanges.Get();
  exchange->BeginStream(kEvents);
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([exchange, i] {
      for (int j = 0; j < 250; ++j) CHECK(exchange->Write(fmt::format("<{}:{}>", i, j)));
    });
  }
  for (std::thread& writer : writers) writer.join();
  exchange->End();
  const Answer answer = client.Read();
  REQUIRE(answer.is_whole);
  for (int i = 0; i < 4; ++i) {
    std::size_t at = 0;
    for (int j = 0; j < 250; ++j) {
      at = answer.body.find(fmt::format("<{}:{}>", i, j), at);
      REQUIRE(at != std::string::npos);
    }
  }
}

TEST_CASE("a whole stream may be written before Handle returns") {
  Served served([](const HttpRequest&, const Exchange& exchange) {
    exchange->BeginStream(kEvents);
    CHECK(exchange->Write("a"));
    CHECK(exchange->Write("b"));
    exchange->End();
  });
  Client client(served.port);
  client.Send(kGet);
  const Answer answer = client.Read();
  CHECK(answer.is_whole);
  CHECK(answer.body == "ab");
  CHECK(client.Ask(kGet).body == "ab");
}

TEST_CASE("a stream to HTTP/1.0 ends with the connection") {
  Held held;
  Client client(held.served.port);
  client.Send("GET / HTTP/1.0\r\n\r\n");
  const Exchange exchange = held.exchanges.Get();
  exchange->BeginStream(kEvents);
  exchange->Write("one ");
  exchange->Write("two");
  exchange->End();
  const Answer answer = client.Read();
  CHECK_FALSE(answer.Has("Transfer-Encoding"));
  CHECK(answer.Field("Connection") == "close");
  CHECK(answer.body == "one two");
}

TEST_CASE("a stream in answer to HEAD is its head") {
  Held held;
  Client client(held.served.port);
  client.Send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
  const Exchange exchange = held.exchanges.Get();
  exchange->BeginStream(kEvents);
  CHECK(client.Read(/*is_head=*/true).status == 200);
  CHECK(exchange->Write("not to be seen"));
  exchange->End();
  client.Send(kGet);
  held.exchanges.Get()->Respond({.status = 200, .body = "next"});
  CHECK(client.Read().body == "next");
}

TEST_CASE("a reader too slow for its queue loses the stream, and the handler hears of it") {
  Held held({.threads = 1, .stream_queue = 10'000});
  Client client(held.served.port, 4096);
  client.Send(kGet);
  const Exchange exchange = held.exchanges.Get();
  Box<bool> gone;
  exchange->OnGone([&] { gone.Put(true); });
  exchange->BeginStream(kEvents);
  std::size_t written = 0;
  while (written < (256u << 20) && exchange->Write(std::string(5000, 'a'))) written += 5000;
  CHECK(written >= 10'000);
  CHECK(written < (256u << 20));
  CHECK(gone.Get());
  CHECK_FALSE(exchange->Write("more"));
  CHECK(client.ReadAll().find("0\r\n\r\n") == std::string::npos);
  CHECK(Eventually([&] { return held.served.listener->open_connections() == 0; }));
}

TEST_CASE("a queue with room takes a write of any size") {
  Held held({.threads = 1, .stream_queue = 1000});
  Client client(held.served.port);
  client.Send(kGet);
  const Exchange exchange = held.exchanges.Get();
  exchange->BeginStream(kEvents);
  CHECK(exchange->Write(std::string(1 << 20, 'a')));
  client.ReadUntil("\r\n\r\n100000\r\n");
  CHECK(client.ReadUntil("a\r\n").size() == (1u << 20) + 2);
  CHECK(Eventually([&] { return exchange->Write("b"); }));
  exchange->End();
  CHECK(client.ReadUntil("0\r\n\r\n") == "1\r\nb\r\n0\r\n\r\n");
}

TEST_CASE("a client that leaves is noticed at once") {
  Held held;
  const auto leave = [&](bool is_stream, bool is_reset) {
    Client client(held.served.port);
    client.Send(kGet);
    const Exchange exchange = held.exchanges.Get();
    Box<bool> gone;
    exchange->OnGone([&] { gone.Put(true); });
    if (is_stream) {
      exchange->BeginStream(kEvents);
      client.ReadUntil("\r\n\r\n");
    }
    is_reset ? client.Reset() : client.Close();
    CHECK(gone.Get());
    CHECK_FALSE(exchange->Write("anyone?"));
    exchange->Respond({.status = 200});
    exchange->End();
    bool was_called = false;
    exchange->OnGone([&] { was_called = true; });
    CHECK_FALSE(was_called);  // one callback an exchange
  };
  leave(/*is_stream=*/true, /*is_reset=*/false);
  leave(/*is_stream=*/true, /*is_reset=*/true);
  leave(/*is_stream=*/false, /*is_reset=*/true);
  CHECK(Eventually([&] { return held.served.listener->open_connections() == 0; }));
}

TEST_CASE("who asks too late whether the client is gone hears it at once") {
  Held held;
  Client client(held.served.port);
  client.Send(kGet);
  const Exchange exchange = held.exchanges.Get();
  client.Reset();
  CHECK(Eventually([&] { return held.served.listener->open_connections() == 0; }));
  bool was_called = false;
  exchange->OnGone([&] { was_called = true; });
  CHECK(was_called);
}

TEST_CASE("a callback is never called after the answer, and does not outlive it") {
  Held held;
  auto client = std::make_unique<Client>(held.served.port);
  client->Send(kGet);
  const Exchange exchange = held.exchanges.Get();
  std::atomic<bool> was_called = false;
  auto owned = std::make_shared<int>(1);
  exchange->OnGone([&was_called, owned] { was_called = true; });
  exchange->Respond({.status = 200});
  CHECK(client->Read().status == 200);
  CHECK(Eventually([&] { return owned.use_count() == 1; }));
  client.reset();
  CHECK(Eventually([&] { return held.served.listener->open_connections() == 0; }));
  exchange->OnGone([&] { was_called = true; });
  CHECK_FALSE(was_called);
}

TEST_CASE("an exchange dropped unanswered answers 500") {
  Served at_once([](const HttpRequest&, const Exchange&) {});
  Client client(at_once.port);
  CHECK(client.Ask(kGet).status == 500);
  CHECK(client.Ask(kGet).status == 500);  // and the connection lives

  Held held;
  Client later(held.served.port);
  later.Send(kGet);
  held.exchanges.Get().reset();
  const Answer answer = later.Read();
  CHECK(answer.status == 500);
  CHECK_FALSE(answer.body.empty());
}

TEST_CASE("an exchange dropped in a stream cuts the connection without a last chunk") {
  Held held;
  Client client(held.served.port);
  client.Send(kGet);
  Exchange exchange = held.exchanges.Get();
  exchange->BeginStream(kEvents);
  exchange->Write("half");
  CHECK(client.ReadUntil("half\r\n").ends_with("\r\n\r\n4\r\nhalf\r\n"));
  exchange.reset();
  CHECK(client.IsClosed());
}

TEST_CASE("the first answer counts, whatever comes after it") {
  Served served([](const HttpRequest& request, const Exchange& exchange) {
    exchange->Respond({.status = 200, .body = "first"});
    exchange->Respond({.status = 500, .body = "second"});
    exchange->BeginStream(kEvents);
    CHECK_FALSE(exchange->Write("third"));
    exchange->End();
    if (request.target == "/throw") throw 1;
  });
  Client client(served.port);
  CHECK(client.Ask(kGet).body == "first");
  CHECK(client.Ask("GET /throw HTTP/1.1\r\nHost: x\r\n\r\n").body == "first");
  CHECK(client.Ask(kGet).body == "first");
}

TEST_CASE("a handler that throws answers 500") {
  Served served([](const HttpRequest&, const Exchange&) { throw std::runtime_error("secret"); },
                {.threads = 1},
                [](const HttpRequest& request) -> std::optional<HttpResponse> {
                  if (request.target == "/screen") throw 1;
                  return std::nullopt;
                });
  Client client(served.port);
  const Answer answer = client.Ask(kGet);
  CHECK(answer.status == 500);
  CHECK(answer.body.find("secret") == answer.body.npos);
  CHECK(client.Ask("GET /screen HTTP/1.1\r\nHost: x\r\n\r\n").status == 500);
}

TEST_CASE("an answer that would split in two becomes a 500") {
  const HttpResponse kSplit[] = {
      {.status = 200, .headers = {{"X-A", "b\r\nX-B: c"}}},
      {.status = 200, .headers = {{"X-A\r\nX-B", "c"}}},
      {.status = 200, .headers = {{"X-A", "b\nc"}}},
      {.status = 200, .headers = {{"X-A", std::string("b\0c", 3)}}},
      {.status = 200, .headers = {{"", "b"}}},
      {.status = 101},
      {.status = 0},
      {.status = 1000},
  };
  std::size_t next = 0;
  bool is_stream = false;
  Served served(
      [&](const HttpRequest&, const Exchange& exchange) {
        is_stream ? exchange->BeginStream(kSplit[next]) : exchange->Respond(kSplit[next]);
      },
      {.threads = 1});
  Client client(served.port);
  for (next = 0; next < std::size(kSplit); ++next) {
    CAPTURE(next);
    for (const bool streamed : {false, true}) {
      is_stream = streamed;
      const Answer answer = client.Ask(kGet);
      CHECK(answer.status == 500);
      CHECK_FALSE(answer.Has("X-B"));
    }
  }
}

TEST_CASE("the frame of an answer is the listener's") {
  Served served([](const HttpRequest& request, const Exchange& exchange) {
    HttpResponse response{
        .status = request.target == "/none" ? 204 : 200,
        .headers = {{"content-length", "1"}, {"Transfer-Encoding", "chunked"}, {"Connection", "close"}},
        .body = "whole"};
    exchange->Respond(std::move(response));
  });
  Client client(served.port);
  CHECK(client.Ask(kGet).body == "whole");
  const Answer none = client.Ask("GET /none HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(none.status == 204);
  CHECK_FALSE(none.Has("Content-Length"));
  CHECK(client.Ask(kGet).body == "whole");
}

}  // namespace
}  // namespace mcpgate
