// The only translation unit that includes Beast.
//
// One thread runs the io_context, so Asio's fences order nothing here, and ThreadSanitizer does not know
// them.
#define BOOST_ASIO_DISABLE_FENCED_BLOCK
#include "sandbox/listener.h"

#include <array>
#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/status/status.h"

namespace mcpgate::sandbox {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

// A client that was told no while it still sends must be read a little longer, or the reset that a close
// causes could destroy the answer on its way.
constexpr std::size_t kMaxDrained = 4 << 20;
constexpr std::chrono::seconds kDrainTime{2};

// What the connections share. Touched by the listener's thread only, except `accepted`.
struct Shared {
  ListenerOptions options;
  Listener::Handler handler;
  std::function<void()> on_slot_free;
  std::size_t open = 0;
  std::atomic<std::uint64_t> accepted{0};
};

HttpRequest::Problem ProblemOf(const error_code& error) {
  if (error == http::error::body_limit) return HttpRequest::Problem::kBodyTooLarge;
  if (error == http::error::header_limit) return HttpRequest::Problem::kHeaderTooLarge;
  return HttpRequest::Problem::kMalformed;
}

bool IsHttpError(const error_code& error) {
  return error.category() == make_error_code(http::error::bad_method).category() &&
         error != http::error::end_of_stream && error != http::error::partial_message;
}

/// Connection
///
/// One socket: reads a request, answers it, reads the next. Lives as long as an operation of it is pending.
/// Confined to the listener's thread.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, Shared& shared)
      : shared_(shared),
        stream_(std::move(socket)),
        timer_(stream_.get_executor()),
        number_(++shared.accepted) {
    ++shared_.open;
    error_code ignored;
    stream_.socket().set_option(tcp::no_delay(true), ignored);
  }
  ~Connection() {
    --shared_.open;
    if (shared_.on_slot_free) shared_.on_slot_free();
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void Read() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(shared_.options.max_header));
    parser_->body_limit(shared_.options.max_body);
    stream_.expires_after(shared_.options.idle_timeout);
    http::async_read_header(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](error_code error, std::size_t) { self->OnHeader(error); });
  }

 private:
  void OnHeader(const error_code& error) {
    if (error) return OnReadError(error);
    if (!beast::iequals(parser_->get()[http::field::expect], "100-continue")) return ReadBody();
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(stream_, asio::buffer(kContinue),
                      [self = shared_from_this()](error_code failed, std::size_t) {
                        if (!failed) self->ReadBody();
                      });
  }

  void ReadBody() {
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](error_code error, std::size_t) { self->OnRequest(error); });
  }

  void OnReadError(const error_code& error) {
    if (!IsHttpError(error)) return;
    HttpRequest request;
    request.problem = ProblemOf(error);
    request.method = std::string(parser_->get().method_string());
    request.target = std::string(parser_->get().target());
    Respond(std::move(request), /*keep_alive=*/false);
  }

  void OnRequest(const error_code& error) {
    if (error) return OnReadError(error);
    http::request<http::string_body> message = parser_->release();
    HttpRequest request;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    for (const auto& field : message) {
      request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    }
    request.body = std::move(message.body());
    Respond(std::move(request), message.keep_alive());
  }

  void Respond(HttpRequest request, bool keep_alive) {
    request.connection = number_;
    HttpAnswer answer = shared_.handler(std::move(request));
    keep_alive_ = keep_alive;
    cut_ = answer.cut;
    response_ = {};
    response_.result(static_cast<unsigned>(answer.status));
    if (!answer.content_type.empty() && answer.status != 204) {
      response_.set(http::field::content_type, answer.content_type);
    }
    for (const auto& [name, value] : answer.headers) response_.set(name, value);
    response_.keep_alive(keep_alive);
    response_.body() = std::move(answer.body);
    response_.prepare_payload();
    if (answer.delay.count() == 0) return Write();
    stream_.expires_never();
    timer_.expires_after(answer.delay);
    timer_.async_wait([self = shared_from_this()](error_code stopped) {
      if (!stopped) self->Write();
    });
  }

  void Write() {
    if (cut_ == HttpAnswer::Cut::kBeforeAnswer) return;  // the last reference goes, the socket closes
    stream_.expires_after(shared_.options.idle_timeout);
    if (cut_ == HttpAnswer::Cut::kInAnswer) return WriteHalf();
    http::async_write(stream_, response_, [self = shared_from_this()](error_code error, std::size_t) {
      if (error) return;
      if (self->keep_alive_) return self->Read();
      self->Drain();
    });
  }

  void WriteHalf() {
    std::ostringstream text;
    text << response_;
    half_ = std::move(text).str();
    half_.resize(half_.size() / 2);
    asio::async_write(stream_, asio::buffer(half_), [self = shared_from_this()](error_code, std::size_t) {});
  }

  void Drain() {
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream_.expires_after(kDrainTime);
    DrainMore();
  }

  void DrainMore() {
    stream_.async_read_some(asio::buffer(drained_),
                            [self = shared_from_this()](error_code error, std::size_t size) {
                              self->total_drained_ += size;
                              if (!error && self->total_drained_ < kMaxDrained) self->DrainMore();
                            });
  }

  Shared& shared_;
  beast::tcp_stream stream_;
  asio::steady_timer timer_;
  const std::uint64_t number_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
  bool keep_alive_ = false;
  HttpAnswer::Cut cut_ = HttpAnswer::Cut::kNo;
  std::string half_;
  std::array<char, 4096> drained_;
  std::size_t total_drained_ = 0;
};

class BeastListener final : public Listener {
 public:
  BeastListener(const ListenerOptions& options, Handler handler) : io_(1), acceptor_(io_), retry_(io_) {
    shared_.options = options;
    shared_.handler = std::move(handler);
    shared_.on_slot_free = [this] {
      if (is_paused_) Accept();
    };
  }
  ~BeastListener() override {
    io_.stop();
    if (thread_.joinable()) thread_.join();
    shared_.on_slot_free = nullptr;  // connections die with io_, nothing is accepted any more
  }

  absl::Status Open() {
    const tcp::endpoint endpoint(asio::ip::address_v4::loopback(), shared_.options.port);
    error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(tcp::acceptor::max_listen_connections, error);
    if (!error) port_ = acceptor_.local_endpoint(error).port();
    if (error) {
      return absl::UnavailableError("cannot listen on 127.0.0.1:" + std::to_string(shared_.options.port) +
                                    ": " + error.message() + "; choose another port, or 0 for any free one");
    }
    Accept();
    thread_ = std::thread([this] { io_.run(); });
    return absl::OkStatus();
  }

  std::uint16_t port() const override { return port_; }
  std::uint64_t connections() const override { return shared_.accepted.load(); }

 private:
  void Accept() {
    is_paused_ = shared_.open >= shared_.options.max_connections;
    if (is_paused_) return;
    acceptor_.async_accept([this](error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) return AcceptLater();
      std::make_shared<Connection>(std::move(socket), shared_)->Read();
      Accept();
    });
  }

  // Out of descriptors, most likely: asking again at once would spin.
  void AcceptLater() {
    retry_.expires_after(std::chrono::milliseconds(50));
    retry_.async_wait([this](error_code stopped) {
      if (!stopped) Accept();
    });
  }

  // io_ owns pending operations and through them the connections, which touch shared_ when they die.
  Shared shared_;
  bool is_paused_ = false;
  std::uint16_t port_ = 0;
  asio::io_context io_;
  tcp::acceptor acceptor_;
  asio::steady_timer retry_;
  std::thread thread_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Start(const ListenerOptions& options, Handler handler) {
  auto listener = std::make_unique<BeastListener>(options, std::move(handler));
  if (absl::Status opened = listener->Open(); !opened.ok()) return opened;
  return listener;
}

}  // namespace mcpgate::sandbox
