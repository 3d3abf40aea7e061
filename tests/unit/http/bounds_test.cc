// What a stranger can make grow has an end, and so has their time.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>

#include "served.h"

namespace mcpgate {
namespace {

using namespace testing;

std::string WithHeaders(int count) {
  std::string request = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (int i = 1; i < count; ++i) request += fmt::format("X-{}: y\r\n", i);
  return request + "\r\n";
}

TEST_CASE("a head is bounded in bytes, to the byte") {
  Served served(Echo, {.threads = 1, .max_header = 1000});
  const std::string frame = "GET / HTTP/1.1\r\nHost: x\r\nX: \r\n\r\n";
  const auto of_size = [&](std::size_t size) {
    std::string request = frame;
    return request.insert(frame.size() - 4, size - frame.size(), 'a');
  };
  CHECK(Client(served.port).Ask(of_size(1000)).status == 200);
  Client client(served.port);
  const Answer answer = client.Ask(of_size(1001));
  CHECK(answer.status == 431);
  CHECK(answer.body.find("1000 bytes") != answer.body.npos);
  // Nobody waits for the end of what is too long already.
  CHECK(Client(served.port).Ask("GET /" + std::string(2000, 'a')).status == 431);
}

TEST_CASE("a head is bounded in fields") {
  Served served(Echo, {.threads = 1, .max_headers = 10});
  CHECK(Client(served.port).Ask(WithHeaders(10)).status == 200);
  CHECK(Client(served.port).Ask(WithHeaders(11)).status == 431);
}

TEST_CASE("a body that says it is too long is refused at once, and after the handler's own no") {
  std::atomic<bool> is_welcome = true;
  Served served(Echo, {.threads = 1, .max_body = 10}, [&](const HttpRequest&) -> std::optional<HttpResponse> {
    if (is_welcome) return std::nullopt;
    return HttpResponse{.status = 401};
  });
  const auto post = [](int size) {
    return fmt::format("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", size);
  };
  CHECK(Client(served.port).Ask(post(10) + "0123456789").status == 200);
  Client client(served.port);
  const Answer answer = client.Ask(post(11));
  CHECK(answer.status == 413);
  CHECK(answer.body.find("10 bytes") != answer.body.npos);
  client.HalfClose();
  CHECK(client.IsClosed());
  is_welcome = false;
  CHECK(Client(served.port).Ask(post(11)).status == 401);
}

TEST_CASE("a chunked body is bounded as it comes") {
  Served served(Echo, {.threads = 1, .max_body = 10});
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  CHECK(Client(served.port).Ask(head + "5\r\nabcde\r\n5\r\nabcde\r\n0\r\n\r\n").status == 200);
  CHECK(Client(served.port).Ask(head + "5\r\nabcde\r\n6\r\n").status == 413);
  CHECK(Client(served.port).Ask(head + "ffffffffffffffff\r\n").status == 413);
}

TEST_CASE("a refused client that goes on sending can read the answer") {
  Served served(Echo, {.threads = 1, .max_body = 10});
  Client client(served.port);
  client.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
  client.Send(std::string(1'000'000, 'a'));
  CHECK(client.Read().status == 413);
}

HttpListenerOptions Hasty() {
  return {.threads = 1,
          .header_timeout = milliseconds(150),
          .body_timeout = milliseconds(150),
          .idle_timeout = milliseconds(150),
          .write_timeout = milliseconds(150)};
}

TEST_CASE("a half-sent request is answered 408 when its time is up") {
  Served served(Echo, Hasty());
  for (const char* half :
       {"G", "GET / HTTP/1.1\r\nHost", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab"}) {
    CAPTURE(half);
    Client client(served.port);
    const Answer answer = client.Ask(half);
    CHECK(answer.status == 408);
    CHECK(answer.Field("Connection") == "close");
    client.HalfClose();
    CHECK(client.IsClosed());
  }
}

TEST_CASE("bytes that trickle do not buy time") {
  HttpListenerOptions options = Hasty();
  options.idle_timeout = seconds(60);
  Served served(Echo, options);
  Client client(served.port);
  client.Send("GET / HTTP/1.1\r\nHost: x\r\nX: ");
  int sent = 0;
  const bool is_refused = Eventually(
      [&] { return !client.Send("a") || ++sent > 1500 || served.listener->open_connections() == 0; });
  CHECK(is_refused);
  CHECK(sent < 1500);
}

TEST_CASE("a connection that says nothing is closed without a word, new or used") {
  Served served(Echo, Hasty());
  Client fresh(served.port);
  CHECK(fresh.IsClosed());
  Client used(served.port);
  CHECK(used.Ask(kGet).status == 200);
  CHECK(used.IsClosed());
  CHECK(Eventually([&] { return served.listener->open_connections() == 0; }));
}

TEST_CASE("a handler may take longer than any time-out of the client's") {
  Box<Exchange> later;
  Served served([&](const HttpRequest&, const Exchange& exchange) { later.Put(exchange); }, Hasty());
  Client slow(served.port);
  slow.Send(kGet);
  const Exchange exchange = later.Get();
  Client other(served.port);
  CHECK(other.IsClosed());  // 150 ms have passed
  Client another(served.port);
  CHECK(another.IsClosed());
  exchange->Respond({.status = 200, .body = "worth it"});
  CHECK(slow.Read().body == "worth it");
}

TEST_CASE("a client that does not read its answer is dropped when nothing moves") {
  Box<bool> gone;
  Served served(
      [&](const HttpRequest&, const Exchange& exchange) {
        exchange->OnGone([&] { gone.Put(true); });
        exchange->Respond({.status = 200, .body = std::string(16 << 20, 'a')});
      },
      Hasty());
  Client client(served.port, 4096);
  client.Send(kGet);
  CHECK(gone.Get());
  CHECK(Eventually([&] { return served.listener->open_connections() == 0; }));
}

TEST_CASE("a slow reader that does read gets all of its answer") {
  HttpListenerOptions options = Hasty();
  options.write_timeout = seconds(10);
  Served served(
      [](const HttpRequest&, const Exchange& exchange) {
        exchange->Respond({.status = 200, .body = std::string(8 << 20, 'a')});
      },
      options);
  Client client(served.port, 4096);
  const Answer answer = client.Ask(kGet);
  CHECK(answer.is_whole);
  CHECK(answer.body.size() == 8u << 20);
}

TEST_CASE("connections beyond the bound wait until one closes") {
  Served served(Echo, {.threads = 2, .max_connections = 2});
  auto first = std::make_unique<Client>(served.port);
  Client second(served.port);
  CHECK(first->Ask(kGet).status == 200);
  CHECK(second.Ask(kGet).status == 200);
  Client third(served.port), fourth(served.port);
  third.Send(kGet);
  fourth.Send(kGet);
  CHECK(second.Ask(kGet).status == 200);
  CHECK(served.listener->open_connections() == 2);
  CHECK(served.listener->accepted_connections() == 2);
  first->Close();
  second.Close();
  CHECK(third.Read().status == 200);
  CHECK(fourth.Read().status == 200);
}

TEST_CASE("what a client pipelines while it waits is not read without end") {
  Box<Exchange> later;
  Served served([&](const HttpRequest&, const Exchange& exchange) { later.Put(exchange); }, {.threads = 1});
  Client client(served.port);
  client.Send(kGet);
  const Exchange exchange = later.Get();
  const std::string flood(1 << 20, 'x');
  std::size_t sent = 0;
  while (sent < (64u << 20)) {  // until neither side's buffers take more
    const ssize_t taken = send(client.descriptor(), flood.data(), flood.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (taken < 0) {
      pollfd ready{client.descriptor(), POLLOUT, 0};
      if (poll(&ready, 1, 100) == 0) break;
      continue;
    }
    sent += static_cast<std::size_t>(taken);
  }
  CHECK(sent < (64u << 20));
  exchange->Respond({.status = 200, .body = "first"});
  CHECK(client.Read().body == "first");
}

}  // namespace
}  // namespace mcpgate
