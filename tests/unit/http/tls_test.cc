// The same conversations over TLS.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <atomic>
#include <fstream>
#include <thread>
#include <vector>

#include "served.h"
#include "support/temp_dir.h"
#include "tls_files.h"

namespace mcpgate {
namespace {

using namespace testing;

/// TlsClient
///
/// Trusts anyone. Gives up after ten seconds of silence. Not thread-safe.
class TlsClient {
 public:
  explicit TlsClient(std::uint16_t port, int max_version = 0, std::string_view alpn = "") : raw_(port) {
    const timeval patience{Client::kPatience.count(), 0};
    setsockopt(raw_.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (max_version != 0) {
      SSL_CTX_set_security_level(context_.get(), 0);
      SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
      SSL_CTX_set_max_proto_version(context_.get(), max_version);
    }
    session_.reset(SSL_new(context_.get()));
    if (!alpn.empty()) {
      SSL_set_alpn_protos(session_.get(), reinterpret_cast<const unsigned char*>(alpn.data()),
                          static_cast<unsigned>(alpn.size()));
    }
    SSL_set_fd(session_.get(), raw_.descriptor());
    is_connected_ = SSL_connect(session_.get()) == 1;
  }

  bool is_connected() const { return is_connected_; }
  std::string Version() const { return SSL_get_version(session_.get()); }
  std::string Alpn() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(session_.get(), &name, &size);
    return std::string(reinterpret_cast<const char*>(name), size);
  }
  std::string CommonName() const {
    const std::unique_ptr<X509, void (*)(X509*)> certificate(SSL_get1_peer_certificate(session_.get()),
                                                             X509_free);
    char name[64] = "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name, sizeof name);
    return name;
  }

  void Send(std::string_view text) {
    while (!text.empty()) {
      const int sent = SSL_write(session_.get(), text.data(), static_cast<int>(text.size()));
      if (sent <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  /// Up to and with `end`, or all there is.
  std::string ReadUntil(std::string_view end) {
    while (seen_.find(end) == std::string::npos) {
      char bytes[16384];
      const int got = SSL_read(session_.get(), bytes, sizeof bytes);
      if (got <= 0) {
        ended_well_ = SSL_get_error(session_.get(), got) == SSL_ERROR_ZERO_RETURN;
        return std::exchange(seen_, {});
      }
      seen_.append(bytes, static_cast<std::size_t>(got));
    }
    std::string text = seen_.substr(0, seen_.find(end) + end.size());
    seen_.erase(0, text.size());
    return text;
  }
  std::string ReadAll() { return ReadUntil("\x01never\x01"); }
  /// The other side said goodbye before it closed.
  bool ended_well() const { return ended_well_; }
  Client& raw() { return raw_; }

 private:
  Client raw_;
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  std::unique_ptr<SSL, void (*)(SSL*)> session_{nullptr, SSL_free};
  bool is_connected_ = false, ended_well_ = false;
  std::string seen_;
};

struct Secured {
  explicit Secured(HandleFn handle = Echo, HttpListenerOptions options = {.threads = 2})
      : files(WriteCertificate(dir / "one", "first")) {
    options.tls = files;
    served.emplace(std::move(handle), std::move(options));
  }
  TempDir dir;
  HttpTls files;
  std::optional<Served> served;
};

TEST_CASE("requests and answers pass over TLS, and the handler knows") {
  Secured secured([](const HttpRequest& request, const Exchange& exchange) {
    exchange->Respond(
        {.status = 200, .body = fmt::format("{} {} {}", request.secure, request.peer, request.body.size())});
  });
  TlsClient client(secured.served->port, 0, "\x02h2\x08http/1.1");
  REQUIRE(client.is_connected());
  CHECK(client.Version() == "TLSv1.3");
  CHECK(client.Alpn() == "http/1.1");
  for (const std::size_t size : {0u, 10u, 1u << 20}) {
    client.Send(fmt::format("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{}", size,
                            std::string(size, 'a')));
    const std::string end = fmt::format("true 127.0.0.1 {}", size);
    CHECK(client.ReadUntil(end).ends_with(end));
  }
}

TEST_CASE("TLS 1.2 is spoken, 1.1 is not") {
  Secured secured;
  TlsClient fair(secured.served->port, TLS1_2_VERSION);
  CHECK(fair.is_connected());
  CHECK(fair.Version() == "TLSv1.2");
  CHECK_FALSE(TlsClient(secured.served->port, TLS1_1_VERSION).is_connected());
  CHECK_FALSE(TlsClient(secured.served->port, 0, "\x02h2").is_connected());
}

TEST_CASE("a close over TLS says goodbye, so that nobody takes half an answer for a whole one") {
  Secured secured([](const HttpRequest&, const Exchange& exchange) {
    exchange->BeginStream({.status = 200});
    exchange->Write(std::string(1 << 20, 'a'));
    exchange->End();
  });
  TlsClient client(secured.served->port);
  client.Send("GET / HTTP/1.0\r\n\r\n");
  CHECK(client.ReadAll().size() > (1u << 20));
  CHECK(client.ended_well());
}

TEST_CASE("an answer given later closes the connection with a goodbye too") {
  Box<Exchange> held;
  Secured secured([&](const HttpRequest&, const Exchange& exchange) { held.Put(exchange); });
  TlsClient client(secured.served->port);
  client.Send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  held.Get()->Respond({.status = 200, .body = "late"});
  CHECK(client.ReadAll().ends_with("late"));
  CHECK(client.ended_well());
}

TEST_CASE("streams pass over TLS, and a client that leaves is noticed") {
  Box<Exchange> held;
  Secured secured([&](const HttpRequest&, const Exchange& exchange) { held.Put(exchange); });
  Box<bool> gone;
  TlsClient client(secured.served->port);
  client.Send(kGet);
  const Exchange exchange = held.Get();
  exchange->OnGone([&] { gone.Put(true); });
  exchange->BeginStream({.status = 200});
  for (int i = 0; i < 100; ++i) CHECK(exchange->Write(fmt::format("event {}\n", i)));
  CHECK(client.ReadUntil("event 99\n").find("event 50\n") != std::string::npos);
  client.raw().Close();
  CHECK(gone.Get());
  CHECK_FALSE(exchange->Write("anyone?"));
}

TEST_CASE("who does not shake hands is dropped") {
  Secured secured(Echo, {.threads = 1, .header_timeout = milliseconds(150)});
  Client silent(secured.served->port);
  CHECK(silent.IsClosed());
  Client plain(secured.served->port);
  plain.Send(kGet);
  plain.ReadAll();
  CHECK(Eventually([&] { return secured.served->listener->open_connections() == 0; }));
}

TEST_CASE("a new certificate serves new connections, a bad one changes nothing") {
  Secured secured;
  TlsClient before(secured.served->port);
  CHECK(before.CommonName() == "first");
  WriteCertificate(secured.dir / "one", "second");
  CHECK(secured.served->listener->ReloadTls().ok());
  CHECK(TlsClient(secured.served->port).CommonName() == "second");
  before.Send(kGet);
  CHECK(before.ReadUntil("GET /a ").ends_with("GET /a "));  // old connections go on
  std::ofstream(secured.files.certificate_file) << "nonsense";
  CHECK(secured.served->listener->ReloadTls().code() == absl::StatusCode::kInvalidArgument);
  CHECK(TlsClient(secured.served->port).CommonName() == "second");
}

TEST_CASE("a certificate that cannot serve stops the start, and the message says which file") {
  TempDir dir;
  const HttpTls good = WriteCertificate(dir / "good", "good");
  const HttpTls other = WriteCertificate(dir / "other", "other");
  const auto fault = [&](HttpTls files) {
    const auto started = HttpListener::Start({.threads = 1, .tls = std::move(files)},
                                             std::make_shared<FunctionHandler>(Echo, nullptr));
    REQUIRE_FALSE(started.ok());
    CHECK(started.status().code() == absl::StatusCode::kInvalidArgument);
    return std::string(started.status().message());
  };
  CHECK(fault({dir / "none.pem", good.key_file}).find("none.pem") != std::string::npos);
  CHECK(fault({good.certificate_file, dir / "none.key"}).find("none.key") != std::string::npos);
  CHECK(fault({good.certificate_file, other.key_file}).find("other.key") != std::string::npos);
  CHECK(fault({good.key_file, good.key_file}).find("good.key") != std::string::npos);
}

TEST_CASE("certificates change while clients come") {
  Secured secured;
  std::atomic<int> served = 0;
  std::thread clients([&] {
    for (int i = 0; i < 40; ++i) {
      TlsClient client(secured.served->port);
      client.Send(kGet);
      if (client.ReadUntil("GET /a ").ends_with("GET /a ")) ++served;
    }
  });
  while (served < 40) {
    CHECK(secured.served->listener->ReloadTls().ok());
    if (served == 40) break;
  }
  clients.join();
  CHECK(served == 40);
}

TEST_CASE("a listener may go while clients shake hands") {
  for (int round = 0; round < 30; ++round) {
    Secured secured;
    const std::uint16_t port = secured.served->port;
    std::vector<std::unique_ptr<Client>> silent;
    for (int i = 0; i < 4; ++i) silent.push_back(std::make_unique<Client>(port));
    TlsClient ready(port);
    std::thread late([&] { silent[0]->Send("\x16\x03\x01"); });
    if (round % 2 == 0) secured.served->listener->Drain(milliseconds(1));
    secured.served.reset();
    late.join();
    for (const auto& client : silent) CHECK(client->IsClosed());
  }
}

TEST_CASE("a drain over TLS waits for the answer under way") {
  Box<Exchange> held;
  Secured secured([&](const HttpRequest&, const Exchange& exchange) { held.Put(exchange); });
  TlsClient idle(secured.served->port), client(secured.served->port);
  client.Send(kGet);
  const Exchange exchange = held.Get();
  Box<bool> drained;
  std::thread drain([&] { drained.Put(secured.served->listener->Drain(seconds(30))); });
  CHECK(idle.ReadAll().empty());
  exchange->Respond({.status = 200, .body = "done"});
  CHECK(client.ReadAll().ends_with("done"));
  client.raw().Close();
  CHECK(drained.Get());
  drain.join();
}

}  // namespace
}  // namespace mcpgate
