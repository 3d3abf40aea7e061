// What the listener refuses by itself, and tells its handler.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "served.h"
#include "support/temp_dir.h"
#include "tls_files.h"

namespace mcpgate {
namespace {

using namespace testing;
using Reason = HttpRefusal::Reason;

// "400 - unread 127.0.0.1": status, the head as far as it was read, whether it was screened.
std::string Line(const HttpRefusal& refusal) {
  const char* kReasons[] = {"request", "handshake", "full"};
  std::string line = fmt::format("{} {} ", kReasons[static_cast<int>(refusal.reason)], refusal.status);
  line += refusal.request == nullptr ? "unread"
                                     : fmt::format("{} {}", refusal.request->method, refusal.request->target);
  if (refusal.was_screened) line += " screened";
  return line + fmt::format(" {}", refusal.peer);
}

class Noting final : public HttpHandler {
 public:
  void Handle(const HttpRequest& request, Exchange exchange) override { Echo(request, exchange); }
  void OnRefused(const HttpRefusal& refusal) override {
    refused.Put(Line(refusal));
    if (throws) throw std::runtime_error("a handler's mistake");
  }
  Box<std::string> refused;
  bool throws = false;
};

struct Told {
  explicit Told(HttpListenerOptions options) {
    auto started = HttpListener::Start(std::move(options), handler);
    REQUIRE_MESSAGE(started.ok(), std::string(started.status().message()));
    listener = *std::move(started);
  }
  int Ask(std::string_view text) const { return Client(listener->port()).Ask(text).status; }

  std::shared_ptr<Noting> handler = std::make_shared<Noting>();
  std::unique_ptr<HttpListener> listener;
};

TEST_CASE("a request that the listener refuses is told, with as much of it as was read") {
  Told told({.threads = 1,
             .max_body = 10,
             .max_header = 300,
             .header_timeout = milliseconds(50),
             .body_timeout = milliseconds(50)});
  const std::string post = "POST /b HTTP/1.1\r\nHost: x\r\n";
  const struct {
    std::string text;
    int status;
    const char* line;
  } kRows[] = {
      {"\x16\x03\x01 hello\r\n\r\n", 400, "request 400 unread 127.0.0.1"},
      {"GET /" + std::string(400, 'a'), 431, "request 431 unread 127.0.0.1"},
      {"GET / HT", 408, "request 408 unread 127.0.0.1"},
      {"GET / HTTP/2.0\r\n\r\n", 505, "request 505 unread 127.0.0.1"},
      {post + "Transfer-Encoding: gzip\r\n\r\n", 501, "request 501 POST /b 127.0.0.1"},
      {post + "Content-Length: 11\r\n\r\n", 413, "request 413 POST /b screened 127.0.0.1"},
      {post + "Content-Length: 5\r\n\r\nab", 408, "request 408 POST /b screened 127.0.0.1"},
      {post + "Transfer-Encoding: chunked\r\n\r\nffff\r\n", 413, "request 413 POST /b screened 127.0.0.1"},
  };
  for (const auto& row : kRows) {
    CAPTURE(row.text);
    CHECK(told.Ask(row.text) == row.status);
    CHECK(told.handler->refused.Get() == row.line);
  }
  CHECK(told.Ask(kGet) == 200);
  CHECK(told.handler->refused.IsEmpty());
}

TEST_CASE("a refusal after a HEAD request has its body") {
  Told told({.threads = 1});
  Client client(told.listener->port());
  client.Send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/9.9\r\n\r\n");
  CHECK(client.Read(/*is_head=*/true).status == 200);
  CHECK_FALSE(client.Read().body.empty());
}

TEST_CASE("a handler that throws when it is told spoils no answer") {
  Told told({.threads = 1});
  told.handler->throws = true;
  CHECK(told.Ask("nonsense\r\n\r\n") == 400);
  CHECK(told.Ask(kGet) == 200);
}

TEST_CASE("newcomers that find no place are told once, until one gets in") {
  Told told({.threads = 1, .max_connections = 1});
  auto first = std::make_unique<Client>(told.listener->port());
  CHECK(first->Ask(kGet).status == 200);
  Client second(told.listener->port());
  second.Send(kGet);
  CHECK(told.handler->refused.Get() == "full 0 unread ");
  first->Close();
  CHECK(second.Read().status == 200);
  CHECK(told.handler->refused.IsEmpty());
  Client third(told.listener->port());
  CHECK(told.handler->refused.Get() == "full 0 unread ");
}

TEST_CASE("a handshake that fails is told, a look whether somebody is there is not") {
  const TempDir dir;
  Told told({.threads = 1, .tls = WriteCertificate(dir / "one", "one"), .header_timeout = milliseconds(200)});
  { const Client only_looks(told.listener->port()); }
  Client plain(told.listener->port());
  plain.Send(kGet);
  CHECK(told.handler->refused.Get() == "handshake 0 unread 127.0.0.1");
  Client silent(told.listener->port());  // until its time is up
  CHECK(told.handler->refused.Get() == "handshake 0 unread 127.0.0.1");
  CHECK(told.handler->refused.IsEmpty());
}

}  // namespace
}  // namespace mcpgate
