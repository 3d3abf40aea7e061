// The only translation unit that includes Beast's WebSockets.
//
// There is no socket here: bytes come from the exchange's tunnel and go back into it. What Beast would wait
// for is run at once, by whoever brings the bytes, under the loop's mutex; nothing here ever blocks.
#define BOOST_ASIO_DISABLE_FENCED_BLOCK  // as in transport/http/event_loop.cc, which shares Asio's code
#include "admin/web_socket.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket.hpp>
#include <deque>
#include <string_view>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "base/mutex.h"

namespace mcpgate::admin {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

constexpr std::size_t kMaxMessage = 4 << 10;  // clients have nothing to say
constexpr int kUnanswered = 3;

using Request = beast::http::request<beast::http::empty_body>;

Request RequestOf(const Handshake& handshake) {
  Request request{beast::http::verb::get, handshake.target, 11};
  request.set(beast::http::field::host, handshake.host);
  request.set(beast::http::field::connection, handshake.connection);
  request.set(beast::http::field::upgrade, handshake.upgrade);
  request.set(beast::http::field::sec_websocket_key, handshake.key);
  request.set(beast::http::field::sec_websocket_version, handshake.version);
  return request;
}

std::string HeaderText(const HttpRequest& request, std::string_view name) {
  return std::string(request.Find(name).value_or(""));
}

}  // namespace

std::optional<Handshake> Handshake::Of(const HttpRequest& request) {
  constexpr std::size_t kKeyText = 24;  // sixteen bytes in Base64
  Handshake handshake{.target = std::string(request.target),
                      .host = HeaderText(request, "Host"),
                      .connection = HeaderText(request, "Connection"),
                      .upgrade = HeaderText(request, "Upgrade"),
                      .key = HeaderText(request, "Sec-WebSocket-Key"),
                      .version = HeaderText(request, "Sec-WebSocket-Version")};
  const bool fits = request.method == "GET" && handshake.version == "13" &&
                    handshake.key.size() == kKeyText && websocket::is_upgrade(RequestOf(handshake));
  return fits ? std::optional<Handshake>(std::move(handshake)) : std::nullopt;
}

/// What all sockets of a service run on. Whoever has something to do holds the mutex and runs it out.
class WebSockets::Loop {
 public:
  template <typename Action>
  void Do(Action action) {
    const MutexLock lock(mutex_);
    action();
    io_.restart();
    io_.poll();
  }
  asio::io_context& io() { return io_; }

 private:
  Mutex mutex_;
  asio::io_context io_{1};  // under mutex_
};

/// The stream that Beast reads and writes. Under the loop's mutex, like all of Beast here.
class WebSockets::Pipe {
 public:
  using executor_type = asio::io_context::executor_type;

  Pipe(asio::io_context& io, std::shared_ptr<HttpExchange> exchange)
      : io_(io), exchange_(std::move(exchange)) {}

  executor_type get_executor() { return io_.get_executor(); }

  /// More has arrived, or, when `is_over`, nothing ever will.
  void Feed(std::string_view bytes, bool is_over) {
    arrived_.append(bytes);
    is_over_ = is_over_ || is_over;
    if (read_) std::exchange(read_, nullptr)();
  }
  bool is_over() const { return is_over_; }
  void End() { exchange_->End(); }

  template <typename Buffers, typename Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this, buffers](auto handler) {
          read_ = [this, buffers, handler = std::move(handler)]() mutable {
            const std::size_t taken = asio::buffer_copy(buffers, asio::buffer(arrived_));
            arrived_.erase(0, taken);
            Complete(std::move(handler), taken == 0 ? asio::error::eof : error_code(), taken);
          };
          if (!arrived_.empty() || is_over_) std::exchange(read_, nullptr)();
        },
        token);
  }

  template <typename Buffers, typename Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this, buffers](auto handler) {
          std::string bytes;
          for (const auto& part : beast::buffers_range_ref(buffers))
            bytes.append(static_cast<const char*>(part.data()), part.size());
          const std::size_t size = bytes.size();
          is_over_ = is_over_ || !exchange_->Write(std::move(bytes));
          Complete(std::move(handler), is_over_ ? asio::error::broken_pipe : error_code(), size);
        },
        token);
  }

  friend void teardown(beast::role_type, Pipe&, error_code& error) { error = {}; }
  template <typename Handler>
  friend void async_teardown(beast::role_type, Pipe& pipe, Handler&& handler) {
    asio::post(pipe.io_, [handler = std::forward<Handler>(handler)]() mutable { handler(error_code()); });
  }
  friend void beast_close_socket(Pipe& pipe) { pipe.is_over_ = true; }

 private:
  template <typename Handler>
  void Complete(Handler handler, error_code error, std::size_t bytes) {
    asio::post(io_, [handler = std::move(handler), error, bytes]() mutable { handler(error, bytes); });
  }

  asio::io_context& io_;
  const std::shared_ptr<HttpExchange> exchange_;
  std::string arrived_;
  bool is_over_ = false;
  absl::AnyInvocable<void()> read_;  // of the read that waits
};

/// One connection. Under the loop's mutex.
class WebSockets::Socket : public std::enable_shared_from_this<Socket> {
 public:
  Socket(asio::io_context& io, std::shared_ptr<HttpExchange> exchange) : stream_(io, std::move(exchange)) {
    stream_.read_message_max(kMaxMessage);
    stream_.text(true);
  }

  void Accept(const Handshake& handshake) {
    stream_.async_accept(RequestOf(handshake), [self = shared_from_this()](error_code error) {
      if (error) return self->Over();
      self->is_open_ = true;
      self->Read();
      self->Send();
    });
  }
  void Arrived(std::string_view bytes, bool is_over) {
    unanswered_ = 0;
    if (is_over) is_over_ = true;
    stream_.next_layer().Feed(bytes, is_over);
  }
  bool Say(std::string text) {
    if (is_over_) return false;
    waiting_.push_back(std::move(text));
    Send();
    return !is_over_;
  }
  bool Ping() {
    if (is_over_ || ++unanswered_ > kUnanswered) return false;
    if (!is_open_) return true;
    stream_.async_ping({}, [self = shared_from_this()](error_code error) {
      if (error) self->Over();
    });
    return true;
  }
  void Close() {
    if (is_open_ && !is_over_) {
      stream_.async_close(websocket::close_code::going_away, [self = shared_from_this()](error_code) {});
    }
    is_over_ = true;
  }
  bool is_over() const { return is_over_ || stream_.next_layer().is_over(); }
  void End() { stream_.next_layer().End(); }

 private:
  void Over() {
    is_over_ = true;
    End();
  }
  void Read() {
    stream_.async_read(incoming_, [self = shared_from_this()](error_code error, std::size_t) {
      if (error) return self->Over();
      self->incoming_.clear();
      self->Read();
    });
  }
  void Send() {
    if (!is_open_ || is_sending_ || is_over_ || waiting_.empty()) return;
    is_sending_ = true;
    stream_.async_write(asio::buffer(waiting_.front()),
                        [self = shared_from_this()](error_code error, std::size_t) {
                          self->is_sending_ = false;
                          self->waiting_.pop_front();
                          if (error) return self->Over();
                          self->Send();
                        });
  }

  websocket::stream<Pipe, false> stream_;
  beast::flat_buffer incoming_;
  std::deque<std::string> waiting_;  // empty again when the loop is, for the exchange's queue has the bound
  bool is_open_ = false, is_sending_ = false, is_over_ = false;
  int unanswered_ = 0;
};

class WebSockets::Viewer final : public AuditViewer {
 public:
  Viewer(std::shared_ptr<Loop> loop, std::shared_ptr<Socket> socket)
      : loop_(std::move(loop)), socket_(std::move(socket)) {}
  ~Viewer() override { End(); }

  bool Tell(const TrailNews& news) override {
    bool goes_on = true;
    loop_->Do([&] {
      if (news.gap_to != 0) {
        goes_on =
            socket_->Say(fmt::format(R"({{"type":"gap","from":{},"to":{}}})", news.gap_from, news.gap_to));
      }
      for (const StoredAudit& record : news.records) {
        goes_on = goes_on && socket_->Say(fmt::format(R"({{"type":"record","seq":{},"record":{}}})",
                                                      record.seq, record.body));
      }
    });
    return goes_on && !IsOver();
  }
  bool Quiet() override {
    bool goes_on = true;
    loop_->Do([&] { goes_on = socket_->Ping(); });
    return goes_on && !IsOver();
  }
  void End() override {
    if (std::exchange(has_ended_, true)) return;
    loop_->Do([&] { socket_->Close(); });
    loop_->Do([&] { socket_->End(); });
    loop_->Do([&] { socket_->Arrived({}, true); });  // so that nothing waits that holds the socket
  }

 private:
  bool IsOver() {
    bool is_over = false;
    loop_->Do([&] { is_over = socket_->is_over(); });
    return is_over;
  }

  const std::shared_ptr<Loop> loop_;
  const std::shared_ptr<Socket> socket_;
  bool has_ended_ = false;
};

WebSockets::WebSockets() : loop_(std::make_shared<Loop>()) {}
WebSockets::~WebSockets() = default;

std::unique_ptr<AuditViewer> WebSockets::Accept(const Handshake& handshake,
                                                std::shared_ptr<HttpExchange> exchange) {
  const auto socket = std::make_shared<Socket>(loop_->io(), exchange);
  const std::weak_ptr<Socket> known = socket;
  const auto arrive = [loop = loop_, known](std::string_view bytes, bool is_over) {
    loop->Do([&] {
      if (const auto there = known.lock()) there->Arrived(bytes, is_over);
    });
  };
  exchange->BeginTunnel([arrive](std::string_view bytes) { arrive(bytes, false); });
  exchange->OnGone([arrive] { arrive({}, true); });
  loop_->Do([&] { socket->Accept(handshake); });
  return std::make_unique<Viewer>(loop_, socket);
}

}  // namespace mcpgate::admin
