// File: transport/http/socket_connection.h
//
// A connection over Asio's sockets, plain or TLS. Part of the translation unit event_loop.cc.
#pragma once

#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/mutex.h"
#include "transport/http/connection.h"
#include "transport/http/shared_state.h"

namespace mcpgate::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
// Concrete executors: the type-erased default costs on every operation.
using Executor = asio::io_context::executor_type;
using PlainSocket = asio::basic_stream_socket<tcp, Executor>;
using TlsSocket = asio::ssl::stream<PlainSocket>;

/// LoopLink
///
/// The way from other threads to a loop, for as long as there is one. Safe for concurrent use.
class LoopLink {
 public:
  explicit LoopLink(asio::io_context& io) : io_(&io) {}
  template <typename Work>
  void Post(Work work) {
    MutexLock lock(mutex_);
    if (io_ != nullptr) asio::post(*io_, std::move(work));
  }
  void Cut() {
    MutexLock lock(mutex_);
    io_ = nullptr;
  }

 private:
  Mutex mutex_;
  asio::io_context* io_ MCPGATE_GUARDED_BY(mutex_);
};

class OpenConnection;
/// The connections of one loop. Confined to its thread.
using OpenConnections = std::list<OpenConnection*>;

/// What a loop lends its connections.
struct LoopShare {
  OpenConnections& connections;
  LoopState& state;
  const std::shared_ptr<LoopLink>& link;
};

/// OpenConnection
///
/// Listed from its making to its end. Confined to its loop's thread.
class OpenConnection : public Connection, public std::enable_shared_from_this<OpenConnection> {
 public:
  OpenConnection(const LoopShare& share, std::string peer, bool is_secure, SharedState::Place place)
      : Connection(share.state, std::move(peer), is_secure),
        connections_(share.connections),
        link_(share.link),
        held_place_(std::move(place)),
        listed_(connections_.insert(connections_.end(), this)) {}
  ~OpenConnection() override { connections_.erase(listed_); }

 protected:
  std::function<void()> MakeWake() override {
    return [link = link_, weak = weak_from_this()] {
      link->Post([weak] {
        if (const auto connection = weak.lock()) connection->OnWake();
      });
    };
  }

 private:
  OpenConnections& connections_;
  const std::shared_ptr<LoopLink> link_;
  const SharedState::Place held_place_;
  const OpenConnections::iterator listed_;
};

/// SocketConnection
///
/// Holds itself until it is closed: at times nothing is under way but an answer. Confined to its loop's
/// thread.
template <typename Stream>
class SocketConnection final : public OpenConnection {
 public:
  static constexpr bool kIsTls = std::is_same_v<Stream, TlsSocket>;

  /// `stream` is what a Stream is made of.
  template <typename... Parts>
  SocketConnection(const LoopShare& share, std::string peer, SharedState::Place place, Parts&&... stream)
      : OpenConnection(share, std::move(peer), kIsTls, std::move(place)),
        stream_(std::forward<Parts>(stream)...) {}

  void Start() {
    self_ = shared_from_this();
    if constexpr (kIsTls) {
      AwaitHandshake();
      stream_.async_handshake(asio::ssl::stream_base::server,
                              [self = shared_from_this(), this](const error_code& error) {
                                Guard([&] { error ? OnHandshakeFailed(HasSpoken(error)) : Begin(); });
                              });
    } else {
      Guard([&] { Begin(); });
    }
  }

 private:
  // What a client sends after it was refused; more than that, and it gets the reset it asks for.
  static constexpr std::size_t kMaxDrained = 4 << 20, kDrainedAtOnce = 4 << 10;

  // Of a client that broke off its handshake. One that left before its first message has not begun any.
  bool HasSpoken(const error_code& error) {
    const bool has_left = error.category() != asio::error::get_ssl_category();
    return !has_left || SSL_get_state(stream_.native_handle()) != TLS_ST_BEFORE;
  }

  PlainSocket& Socket() {
    if constexpr (kIsTls) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }

  void StartRead(std::span<char> room) override {
    is_reading_ = true;
    stream_.async_read_some(asio::buffer(room.data(), room.size()),
                            [self = shared_from_this(), this](const error_code& error, std::size_t bytes) {
                              is_reading_ = false;
                              if (is_closing_) return SayEnd();
                              Guard([&] { OnRead(error ? EndOf(error) : ReadEnd::kBytes, bytes); });
                            });
  }

  static ReadEnd EndOf(const error_code& error) {
    const bool is_eof = error == asio::error::eof || error == asio::ssl::error::stream_truncated;
    return is_eof ? ReadEnd::kEof : ReadEnd::kError;
  }

  void StartWrite(std::string_view bytes) override {
    stream_.async_write_some(asio::buffer(bytes),
                             [self = shared_from_this(), this](const error_code& error, std::size_t written) {
                               Guard([&] { OnWritten(static_cast<bool>(error), written); });
                             });
  }

  std::size_t WriteNow(std::string_view bytes) override {
    if constexpr (kIsTls) {
      return 0;
    } else {
      const ssize_t taken =
          send(stream_.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      return taken < 0 ? 0 : static_cast<std::size_t>(taken);
    }
  }

  void StartClose() override {
    is_closing_ = true;
    if (!is_reading_) return SayEnd();
    error_code ignored;
    Socket().cancel(ignored);  // continues where the read ends
  }

  void SayEnd() {
    if (!Socket().is_open()) return;
    if constexpr (kIsTls) {
      stream_.async_shutdown([self = shared_from_this(), this](const error_code&) { DrainSocket(); });
    } else {
      DrainSocket();
    }
  }

  void DrainSocket() {
    error_code ignored;
    Socket().shutdown(PlainSocket::shutdown_send, ignored);
    drained_.reset(new char[kDrainedAtOnce]);
    DrainMore();
  }

  void DrainMore() {
    if (!Socket().is_open()) return;  // the time was up while this read's bytes were on their way
    Socket().async_read_some(asio::buffer(drained_.get(), kDrainedAtOnce),
                             [self = shared_from_this(), this](const error_code& error, std::size_t bytes) {
                               total_drained_ += bytes;
                               if (error || total_drained_ > kMaxDrained) return Abort();
                               DrainMore();
                             });
  }

  void CloseNow() override {
    error_code ignored;
    Socket().close(ignored);
    // Whoever called holds the connection still; the rest is up to the operations that now fail.
    asio::post(Socket().get_executor(), [self = std::move(self_)] {});
  }

  bool HasUnread() override {
    error_code ignored;
    return Socket().available(ignored) > 0;
  }

  Stream stream_;
  std::shared_ptr<OpenConnection> self_;
  bool is_reading_ = false, is_closing_ = false;
  std::unique_ptr<char[]> drained_;  // few need it
  std::size_t total_drained_ = 0;
};

}  // namespace mcpgate::http
