// Connections that another protocol takes over.
#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>

#include "served.h"

namespace mcpgate {
namespace {

using namespace testing;

constexpr char kAsk[] = "GET /tunnel HTTP/1.1\r\nHost: a\r\n\r\n";

/// Says hello in a protocol of its own, and repeats what it hears until that is "end".
void Parrot(const HttpRequest&, const Exchange& exchange) {
  exchange->BeginTunnel([exchange](std::string_view heard) {
    exchange->Write("<" + std::string(heard) + ">");
    if (heard.ends_with("end")) exchange->End();
  });
  exchange->Write("HELLO\r\n\r\n");
}

TEST_CASE("what arrives goes to the other protocol, what it says goes out as it is") {
  const auto listener = Listen({.threads = 1}, Parrot);
  Client client(listener->port());
  client.Send(kAsk);
  CHECK(client.ReadUntil("\r\n\r\n") == "HELLO\r\n\r\n");
  client.Send("GET / HTTP/1.1\r\n\r\n");
  CHECK(client.ReadUntil(">") == "<GET / HTTP/1.1\r\n\r\n>");
  client.Send("the end");
  CHECK(client.ReadAll() == "<the end>");
}

TEST_CASE("what was sent ahead of the answer belongs to the other protocol") {
  const auto listener = Listen({.threads = 1}, Parrot);
  Client client(listener->port());
  client.Send(std::string(kAsk) + "early end");
  const std::string all = client.ReadAll();
  CHECK(all.find("HELLO") != std::string::npos);
  CHECK(all.find("<early end>") != std::string::npos);
}

TEST_CASE("the handler is told that its tunnel's client went away, and nothing after that") {
  std::atomic<bool> gone{false};
  std::atomic<int> heard_later{0};
  const auto listener = Listen({.threads = 1}, [&](const HttpRequest&, const Exchange& exchange) {
    exchange->BeginTunnel([&](std::string_view) { heard_later += gone ? 1 : 0; });
    exchange->OnGone([&gone, exchange] { gone = true; });
    exchange->Write("HELLO\r\n\r\n");
  });
  {
    Client client(listener->port());
    client.Send(kAsk);
    client.ReadUntil("\r\n\r\n");
  }
  while (!gone) std::this_thread::yield();
  CHECK(listener->Drain(seconds(10)));
  CHECK(heard_later == 0);
}

TEST_CASE("a tunnel whose client does not read ends when its queue is full") {
  std::atomic<bool> is_full{false};
  const auto listener =
      Listen({.threads = 1, .stream_queue = 1000}, [&](const HttpRequest&, Exchange exchange) {
        exchange->BeginTunnel([](std::string_view) {});
        while (exchange->Write(std::string(100'000, 'x'))) {
        }
        is_full = true;
      });
  Client client(listener->port(), /*receive_buffer=*/4096);
  client.Send(kAsk);
  client.ReadAll();
  CHECK(is_full);
}

}  // namespace
}  // namespace mcpgate
