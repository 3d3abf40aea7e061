// The only translation unit that includes Asio's sockets.
//
// Each io_context is run by one thread, and what others hand it goes through asio::post, whose mutex orders
// it. Asio's fences order nothing here, and ThreadSanitizer does not know them.
#define BOOST_ASIO_DISABLE_FENCED_BLOCK
#include "transport/http/event_loop.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/basic_waitable_timer.hpp>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <thread>
#include <utility>

#include "transport/http/response_text.h"
#include "transport/http/socket_connection.h"

namespace mcpgate::http {
namespace {

using SteadyClock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<SteadyClock, asio::wait_traits<SteadyClock>, Executor>;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;

// Newcomers accepted before the connections that are there get their turn again.
constexpr int kAcceptBatch = 64;

std::int64_t SteadyNow() { return SteadyClock::now().time_since_epoch() / Nanos(1); }

// A connection's time is up a tick late at most, so the tick is a fraction of the shortest time-out.
Nanos TickOf(const HttpListenerOptions& options) {
  const Nanos shortest =
      std::min({options.header_timeout, options.body_timeout, options.idle_timeout, options.write_timeout});
  return std::clamp<Nanos>(shortest / 4, std::chrono::milliseconds(5), std::chrono::milliseconds(250));
}

class AsioLoop final : public EventLoop {
 public:
  AsioLoop(SharedState& shared, Descriptor listening)
      : shared_(shared), tick_(TickOf(shared.options)), state_{shared.options, *shared.handler} {
    acceptor_.assign(tcp::v4(), listening.get());
    listening.Release();
    state_.tick = tick_.count();
    shared_.LoopListens();
  }
  ~AsioLoop() override { link_->Cut(); }

  void Run() override {
    thread_ = std::thread([this] {
      Tick();
      // What is thrown here was not about one connection; the next tick mends what was broken off.
      while (!io_.stopped()) {
        try {
          io_.run();
        } catch (...) {
        }
      }
    });
  }

  void OnFree() override {
    if (is_full_.exchange(false)) link_->Post([this] { AcceptNewcomers(); });
  }
  void Drain() override {
    link_->Post([this] {
      state_.is_draining = true;
      while (AcceptNewcomers()) {  // those the system has greeted already; closing would reset them
      }
      StopAccepting();
      ForEachConnection([](OpenConnection& connection) { connection.OnDrain(); });
    });
  }
  void DropAll() override {
    link_->Post([this] { DropConnections(); });
  }
  void Stop() override {
    link_->Post([this] {
      is_stopping_ = true;
      StopAccepting();
      DropConnections();
      ticker_.cancel();
    });
  }
  void Join() override {
    if (thread_.joinable()) thread_.join();
  }

 private:
  void Tick() {
    state_.now = SteadyNow();
    if (const std::time_t second = std::time(nullptr); second != dated_) {
      dated_ = second;
      state_.date_line = DateLine(second);
    }
    ForEachConnection([](OpenConnection& connection) { connection.OnTick(); });
    is_full_ = false;
    if (!is_awaiting_) AwaitNewcomers();
    ticker_.expires_after(tick_);
    ticker_.async_wait([this](const error_code&) {
      if (!is_stopping_) Tick();
    });
  }

  void AwaitNewcomers() {
    if (!acceptor_.is_open()) return;
    is_awaiting_ = true;
    acceptor_.async_wait(Acceptor::wait_read, [this](const error_code& error) {
      is_awaiting_ = false;
      if (!error) AcceptNewcomers(/*somebody_waits=*/true);
    });
  }

  // True when there may be more. When it stops for want of a place or of descriptors, OnFree or the next tick
  // goes on: asking again at once would spin.
  bool AcceptNewcomers(bool somebody_waits = false) {
    int error = 0;
    for (int i = 0; i < kAcceptBatch && error != EAGAIN; ++i) {
      if (!acceptor_.is_open()) return false;
      std::optional<SharedState::Place> place = TakePlace();
      if (!place) {
        if (i == 0 && somebody_waits) TellFull();
        return false;
      }
      error = AcceptOne(*std::move(place));
      const bool goes_on = error == 0 || error == EAGAIN || error == EINTR || error == ECONNABORTED;
      if (error == 0) is_full_told_ = false;
      if (!goes_on) {
        TellFull();
        return false;
      }
    }
    if (!is_awaiting_) AwaitNewcomers();
    return error != EAGAIN;
  }

  // Newcomers wait. Asked again with each tick, so what was told is not told again.
  void TellFull() {
    if (std::exchange(is_full_told_, true)) return;
    TellRefusal(state_.handler, {.reason = HttpRefusal::Reason::kFull});
  }

  std::optional<SharedState::Place> TakePlace() {
    if (std::optional<SharedState::Place> place = shared_.TakePlace()) return place;
    is_full_ = true;
    return shared_.TakePlace();  // one may have become free before the flag stood
  }

  int AcceptOne(SharedState::Place place) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    Descriptor accepted(accept4(acceptor_.native_handle(), reinterpret_cast<sockaddr*>(&address), &size,
                                SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!accepted.is_open()) return errno;
    const int on = 1;  // answers are written whole: Nagle would only hold them back
    setsockopt(accepted.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ++shared_.accepted;
    PlainSocket socket(io_);
    error_code error;
    socket.assign(address.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), accepted.get(), error);
    if (error) return ENOMEM;
    accepted.Release();
    Launch(std::move(socket), PeerText(address), std::move(place));
    return 0;
  }

  void Launch(PlainSocket socket, std::string peer, SharedState::Place place) {
    const LoopShare share{connections_, state_, link_};
    const std::shared_ptr<SSL_CTX> tls = shared_.tls();
    if (tls == nullptr) {
      std::make_shared<SocketConnection<PlainSocket>>(share, std::move(peer), std::move(place),
                                                      std::move(socket))
          ->Start();
    } else if (SSL* const session = SSL_new(tls.get()); session != nullptr) {
      std::make_shared<SocketConnection<TlsSocket>>(share, std::move(peer), std::move(place),
                                                    std::move(socket), session)
          ->Start();
    }
  }

  void StopAccepting() {
    if (!acceptor_.is_open()) return;
    error_code ignored;
    acceptor_.close(ignored);
    shared_.LoopIsDeaf();
  }

  void DropConnections() {
    ForEachConnection([this](OpenConnection& connection) {
      if (connection.Drop()) ++shared_.lost;
    });
  }

  // The action may close the connection it is given.
  template <typename Action>
  void ForEachConnection(Action action) {
    for (auto next = connections_.begin(); next != connections_.end();) {
      const std::shared_ptr<OpenConnection> connection = (*next++)->shared_from_this();
      action(*connection);
    }
  }

  SharedState& shared_;
  const Nanos tick_;
  LoopState state_;
  OpenConnections connections_;
  std::time_t dated_ = 0;
  bool is_awaiting_ = false, is_stopping_ = false, is_full_told_ = false;
  std::atomic<bool> is_full_{false};

  asio::io_context io_{1};  // owns what is under way, and through it the connections
  Acceptor acceptor_{io_};
  Timer ticker_{io_};
  const std::shared_ptr<LoopLink> link_ = std::make_shared<LoopLink>(io_);
  std::thread thread_;
};

}  // namespace

std::unique_ptr<EventLoop> EventLoop::New(SharedState& shared, Descriptor listening) {
  return std::make_unique<AsioLoop>(shared, std::move(listening));
}

}  // namespace mcpgate::http
