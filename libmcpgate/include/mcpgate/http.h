// File: http.h
//
// HTTP as this library needs it: a request with its answer, and a listener that feeds requests to a handler.
// The handler side is free of any HTTP library, so that a server of your own can mount the same handlers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/clock.h"
#include "mcpgate/export.h"
#include "mcpgate/http_message.h"

namespace mcpgate {

/// HttpExchange
///
/// Where the answer to one request goes: one `Respond`, or `BeginStream`, any number of `Write` and one
/// `End`. An exchange that is dropped unanswered answers 500; one dropped in a stream ends it without the
/// last chunk, so that the client sees it break. Safe for concurrent use, on and off the thread that called
/// `Handle`.
class MCPGATE_EXPORT HttpExchange {
 public:
  virtual ~HttpExchange() = default;

  virtual void Respond(HttpResponse response) = 0;
  /// Sends status and headers at once; `head.body` is empty. What follows goes out as it is written.
  virtual void BeginStream(HttpResponse head) = 0;
  /// False when it will not arrive: the client is gone, or reads so slowly that its queue is full (it takes
  /// one write more as long as it is not, whatever that write's size). The stream is then over, and its
  /// connection closes. Never waits.
  virtual bool Write(std::string bytes) = 0;
  virtual void End() = 0;
  /// The connection belongs to another protocol from here on: what arrives is handed to `take`, on a thread
  /// of the listener, in order and never after the callback of `OnGone`; what is written goes out as it is,
  /// the answer to the request first. `End` closes it. Never waits. An exchange that cannot do it answers
  /// 501.
  virtual void BeginTunnel(std::function<void(std::string_view)> take);
  /// Calls `gone` once when the client goes away before the answer is complete, on a thread of the listener;
  /// at once when it already has; never afterwards. At most one callback an exchange. A client that closes
  /// its sending side looks as if it had gone, and may still wait: `gone` is called, and an answer is sent
  /// all the same; a stream is over.
  virtual void OnGone(absl::AnyInvocable<void()> gone) = 0;
};

/// What a listener has refused by itself.
struct HttpRefusal {
  enum class Reason {
    kRequest,    ///< it was malformed, too large or too slow, or asked for what HTTP/1.1 has and this has not
    kHandshake,  ///< TLS did not come about
    kFull  ///< newcomers wait: there are connections enough, or descriptors none left; told once until one
           ///< gets in
  };
  Reason reason = Reason::kRequest;
  int status = 0;             ///< of the answer; 0: there is none
  std::size_t body_size = 0;  ///< of the answer
  std::string_view peer{};    ///< as in HttpRequest; empty with kFull
  /// Its head, when that was read. Lives as long as the call.
  const HttpRequest* request = nullptr;
  bool was_screened = false;  ///< `Screen` had let it pass
};

/// HttpHandler
///
/// Safe for concurrent use: a listener calls it from several threads. Must not wait: what takes time goes to
/// an executor and answers later.
class MCPGATE_EXPORT HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  /// Called when the headers are there and the body is not (`request.body` is empty): an answer refuses the
  /// request before its body is read. Also the place that decides `100 Continue`.
  virtual std::optional<HttpResponse> Screen(const HttpRequest& request);
  virtual void Handle(const HttpRequest& request, std::shared_ptr<HttpExchange> exchange) = 0;
  /// Adds the headers that every answer of this handler to `request` has (CORS) to an answer that somebody
  /// before it gives in its place, so that the client can read that one too.
  virtual void AddHeaders(const HttpRequest& request, HttpResponse& answer);
  /// Called before an answer of the listener's own goes out, of a request that `Handle` will not see; to
  /// count it.
  virtual void OnRefused(const HttpRefusal& refusal);
};

/// PEM files; the certificate file holds the whole chain.
struct HttpTls {
  std::string certificate_file{};
  std::string key_file{};
};

struct HttpListenerOptions {
  std::string address = "127.0.0.1";  ///< of one interface; "0.0.0.0" and "::" are all of them
  std::uint16_t port = 0;             ///< 0: any free one
  std::size_t threads = 0;            ///< event loops; 0: one a core
  std::optional<HttpTls> tls{};       ///< TLS 1.2 and newer
  std::size_t max_body = 4u << 20;
  std::size_t max_header = 32u << 10;     ///< bytes of request line and headers together
  std::size_t max_headers = 100;          ///< field lines
  std::size_t max_connections = 20'000;   ///< beyond it newcomers wait in the system's queue
  std::size_t stream_queue = 256u << 10;  ///< bytes that may wait for a slow reader of a stream
  /// From the first byte of a request to its last header; also for a new connection's first byte, and for the
  /// TLS handshake.
  Nanos header_timeout = std::chrono::seconds(10);
  Nanos body_timeout = std::chrono::seconds(30);
  Nanos idle_timeout = std::chrono::seconds(60);   ///< between requests
  Nanos write_timeout = std::chrono::seconds(30);  ///< without a byte taken by the client
};

/// HttpListener
///
/// HTTP/1.1 on one address: keep-alive, pipelining (answers in order), chunked and plain bodies, HEAD, one
/// event loop a thread and no thread a connection. Safe for concurrent use. Destroyed, it drops every
/// connection; not to be destroyed by a handler or a callback.
class MCPGATE_EXPORT HttpListener {
 public:
  /// Unavailable: the address cannot be listened on. InvalidArgument: an option, or the certificate. The
  /// messages say what to change.
  static absl::StatusOr<std::unique_ptr<HttpListener>> Start(HttpListenerOptions options,
                                                             std::shared_ptr<HttpHandler> handler);
  virtual ~HttpListener() = default;

  virtual std::uint16_t port() const = 0;
  virtual std::size_t open_connections() const = 0;
  virtual std::uint64_t accepted_connections() const = 0;
  /// Reads the certificate files again for connections from now on. On an error the old ones stay in use.
  virtual absl::Status ReloadTls() = 0;
  /// Accepts no more, answers what is under way with `Connection: close`, and returns when no connection is
  /// left or `grace` has passed; then drops the rest. True when nothing was dropped. Streams do not end by
  /// themselves: whoever writes them ends them.
  virtual bool Drain(Nanos grace) = 0;
};

}  // namespace mcpgate
