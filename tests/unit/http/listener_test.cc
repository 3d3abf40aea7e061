// The listener as a whole: where it listens, how it ends, and that nothing is left behind.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <iterator>
#include <thread>
#include <vector>

#include "served.h"
#include "transport/http/listen_socket.h"

namespace mcpgate {
namespace {

using namespace testing;

std::string FaultOf(HttpListenerOptions options, absl::StatusCode code) {
  const auto started =
      HttpListener::Start(std::move(options), std::make_shared<FunctionHandler>(Echo, nullptr));
  REQUIRE_FALSE(started.ok());
  CHECK(started.status().code() == code);
  return std::string(started.status().message());
}

std::size_t OpenDescriptors() {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                                                std::filesystem::directory_iterator()));
}

TEST_CASE("what is wrong with an option is said, with what would be right") {
  const auto invalid = absl::StatusCode::kInvalidArgument;
  CHECK(FaultOf({.address = "example"}, invalid).find("127.0.0.1") != std::string::npos);
  CHECK(FaultOf({.address = ""}, invalid).find("not an IPv4 or IPv6 address") != std::string::npos);
  CHECK(FaultOf({.max_header = 10}, invalid).find("max_header") != std::string::npos);
  CHECK(FaultOf({.max_connections = 0}, invalid).find("max_connections") != std::string::npos);
  CHECK(FaultOf({.idle_timeout = Nanos(0)}, invalid).find("timeout") != std::string::npos);
  CHECK(FaultOf({.address = "203.0.113.1"}, absl::StatusCode::kUnavailable).find("no interface") !=
        std::string::npos);
}

TEST_CASE("a port that is taken is not shared, whoever has it") {
  Served served;
  for (const std::size_t threads : {1u, 3u}) {
    const std::string fault =
        FaultOf({.port = served.port, .threads = threads}, absl::StatusCode::kUnavailable);
    CHECK(fault ==
          fmt::format("address already in use: another program listens on 127.0.0.1:{}; choose another "
                      "port, or 0 for any free one",
                      served.port));
  }
}

TEST_CASE("a port is free again when its listener is gone") {
  std::uint16_t port = 0;
  {
    Served served;
    port = served.port;
    CHECK(Client(port).Ask(kGet).status == 200);
  }
  const Served again(Echo, {.port = port, .threads = 2});
  CHECK(Client(port).Ask(kGet).status == 200);
}

TEST_CASE("localhost and IPv6 are addresses, and a client over both is known by its IPv4 address") {
  const auto peer = [](const HttpRequest& request, const Exchange& exchange) {
    exchange->Respond({.status = 200, .body = std::string(request.peer)});
  };
  const Served local(peer, {.address = "localhost", .threads = 1});
  CHECK(Client(local.port).Ask(kGet).body == "127.0.0.1");
  auto all =
      HttpListener::Start({.address = "::", .threads = 2}, std::make_shared<FunctionHandler>(peer, nullptr));
  if (!all.ok()) return;  // a machine without IPv6
  CHECK(Client((*all)->port()).Ask(kGet).body == "127.0.0.1");
}

TEST_CASE("addresses read as people write them") {
  auto six = http::ListenAddress::Parse("::1", 80);
  REQUIRE(six.ok());
  CHECK(six->ToString() == "[::1]:80");
  CHECK(http::ListenAddress::Parse("127.0.0.1", 8080)->ToString() == "127.0.0.1:8080");
  CHECK_FALSE(http::ListenAddress::Parse("127.0.0.1:80", 80).ok());
}

TEST_CASE("an exchange outlives its connection and its listener") {
  Box<Exchange> held;
  std::atomic<int> gone = 0;
  Exchange waiting, streaming;
  {
    Served served([&](const HttpRequest&, const Exchange& exchange) {
      exchange->OnGone([&] { ++gone; });
      held.Put(exchange);
    });
    Client first(served.port), second(served.port);
    first.Send(kGet);
    waiting = held.Get();
    second.Send(kGet);
    streaming = held.Get();
    streaming->BeginStream({.status = 200});
    second.ReadUntil("\r\n\r\n");
    served.listener.reset();
    CHECK(first.IsClosed());
    CHECK(second.IsClosed());
  }
  CHECK(gone == 2);
  CHECK_FALSE(streaming->Write("anyone?"));
  streaming->End();
  waiting->Respond({.status = 200});
  waiting->BeginStream({.status = 200});
  CHECK_FALSE(waiting->Write("anyone?"));
}

TEST_CASE("exchanges are answered while their listener goes") {
  for (int round = 0; round < 20; ++round) {
    Box<Exchange> held;
    Served served([&](const HttpRequest&, const Exchange& exchange) { held.Put(exchange); });
    std::vector<std::unique_ptr<Client>> clients;
    std::vector<Exchange> exchanges;
    for (int i = 0; i < 8; ++i) {
      clients.push_back(std::make_unique<Client>(served.port));
      clients.back()->Send(kGet);
      exchanges.push_back(held.Get());
    }
    std::thread writer([&] {
      for (std::size_t i = 0; i < exchanges.size(); ++i) {
        if (i % 2 == 0) {
          exchanges[i]->Respond({.status = 200});
        } else {
          exchanges[i]->BeginStream({.status = 200});
          exchanges[i]->Write("a");
        }
        exchanges[i].reset();
      }
    });
    served.listener.reset();
    writer.join();
  }
}

TEST_CASE("a thousand connections come and go, and no descriptor stays") {
  Served served;
  CHECK(Client(served.port).Ask(kGet).status == 200);
  CHECK(Eventually([&] { return served.listener->open_connections() == 0; }));
  const std::size_t before = OpenDescriptors();
  for (int batch = 0; batch < 10; ++batch) {
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 100; ++i) {
      clients.push_back(std::make_unique<Client>(served.port));
      if (i % 4 == 1) clients.back()->Send("GET / HT");
      if (i % 4 == 2) clients.back()->Ask(kGet);
      if (i % 4 == 3) clients.back()->Reset();
    }
  }
  CHECK(Eventually([&] { return served.listener->open_connections() == 0; }));
  CHECK(Eventually([&] { return served.listener->accepted_connections() == 1001; }));
  CHECK(OpenDescriptors() == before);
}

/// Leaves room for so many more descriptors while it lives. Not thread-safe.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(int more) {
    const int next = dup(0);
    close(next);
    REQUIRE(getrlimit(RLIMIT_NOFILE, &old_) == 0);
    rlimit tight = old_;
    tight.rlim_cur = static_cast<rlim_t>(next + more);
    REQUIRE(setrlimit(RLIMIT_NOFILE, &tight) == 0);
  }
  ~DescriptorLimit() { setrlimit(RLIMIT_NOFILE, &old_); }

 private:
  rlimit old_{};
};

TEST_CASE("out of descriptors, a listener waits and recovers") {
  Served served(Echo, {.threads = 1});
  auto leaving = std::make_unique<Client>(served.port);
  CHECK(leaving->Ask(kGet).status == 200);
  const DescriptorLimit limit(1);
  Client starved(served.port);  // has the last one; the listener finds none
  starved.Send(kGet);
  leaving.reset();
  CHECK(starved.Read().status == 200);
}

TEST_CASE("a drain closes what is idle and waits for what is under way") {
  Box<Exchange> held;
  Served served([&](const HttpRequest& request, const Exchange& exchange) {
    if (request.target == "/a") return Echo(request, exchange);
    held.Put(exchange);
  });
  Client idle(served.port), slow(served.port), streaming(served.port);
  CHECK(idle.Ask(kGet).status == 200);
  slow.Send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  const Exchange answer = held.Get();
  streaming.Send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  const Exchange stream = held.Get();
  stream->BeginStream({.status = 200});
  CHECK(stream->Write("before"));
  Box<bool> drained;
  std::thread drain([&] { drained.Put(served.listener->Drain(seconds(30))); });
  CHECK(idle.IsClosed());
  CHECK(drained.IsEmpty());
  answer->Respond({.status = 200, .body = "done"});
  const Answer done = slow.Read();
  CHECK(done.body == "done");
  CHECK(done.Field("Connection") == "close");
  CHECK(slow.IsClosed());
  slow.Close();
  CHECK(stream->Write(" and after"));
  stream->End();
  CHECK(streaming.Read().body == "before and after");
  CHECK(streaming.IsClosed());
  streaming.Close();
  CHECK(drained.Get());
  drain.join();
  CHECK(served.listener->open_connections() == 0);
  CHECK(served.listener->Drain(seconds(30)));  // again is no harm
}

TEST_CASE("a drain gives up when its time is over") {
  Box<Exchange> held;
  Served served([&](const HttpRequest&, const Exchange& exchange) { held.Put(exchange); });
  Client client(served.port);
  client.Send(kGet);
  const Exchange exchange = held.Get();
  CHECK_FALSE(served.listener->Drain(milliseconds(50)));
  CHECK(client.IsClosed());
  CHECK(served.listener->open_connections() == 0);
}

TEST_CASE("a drain under load cuts no answer in half") {
  Served served;
  std::atomic<int> halves = 0, wholes = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      Client client(served.port);
      for (;;) {
        if (!client.Send(kGet)) break;
        const Answer answer = client.Read();
        if (answer.head.empty()) break;
        answer.is_whole&& answer.body == "GET /a " ? ++wholes : ++halves;
        if (answer.Field("Connection") == "close") break;
      }
    });
  }
  CHECK(Eventually([&] { return wholes > 500; }));
  CHECK(served.listener->Drain(seconds(30)));
  for (std::thread& client : clients) client.join();
  CHECK(halves == 0);
}

}  // namespace
}  // namespace mcpgate
