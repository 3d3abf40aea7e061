// File: transport/http/connection.h
//
// HTTP/1.1 (RFC 9112) on one connection: what to do with what arrives, and when. Knows no sockets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "mcpgate/http.h"
#include "transport/http/answer_slot.h"
#include "transport/http/framing.h"
#include "transport/http/head_scan.h"
#include "transport/http/input_buffer.h"
#include "transport/http/request_parser.h"

namespace mcpgate::http {

/// Tells `handler`, whose exceptions are no business of the loop's.
void TellRefusal(HttpHandler& handler, const HttpRefusal& refusal);

/// What the connections of one loop have in common. Confined to the loop's thread.
struct LoopState {
  const HttpListenerOptions& options;
  HttpHandler& handler;
  std::int64_t now = 0;   ///< steady nanoseconds, as of the last tick
  std::int64_t tick = 0;  ///< nanoseconds between ticks: how old `now` may be
  std::string date_line{};
  bool is_draining = false;
};

/// Connection
///
/// Reads a request, answers it, reads the next. The socket below derives from it. Confined to its loop's
/// thread, except what the slot's wake posts there.
///
/// At most one read and one write are under way. While a read is, nothing is consumed from `in_`, because the
/// read fills the room behind it.
class Connection {
 public:
  enum class ReadEnd { kBytes, kEof, kError };

  Connection(LoopState& loop, std::string peer, bool is_secure);
  virtual ~Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// The slot has news.
  void OnWake();
  void OnTick();
  /// No more requests: closes when idle.
  void OnDrain();
  /// Closes at once. True when an answer is lost by it.
  bool Drop();

 protected:
  /// Bytes can flow.
  void Begin();
  void OnRead(ReadEnd end, std::size_t bytes);
  void OnWritten(bool has_failed, std::size_t bytes);
  /// The client went away, or is sent away.
  void Abort();
  void AwaitHandshake() { SetDeadline(loop_.options.header_timeout); }
  /// `has_spoken`: the client did begin one.
  void OnHandshakeFailed(bool has_spoken);

  // Out of memory, most likely: it costs this connection, not the loop.
  template <typename Action>
  void Guard(Action action) {
    try {
      action();
    } catch (...) {
      Abort();
    }
  }

 private:
  enum class State { kOpening, kHead, kBody, kAnswer, kStream, kClosing, kClosed };

  // Each is answered by OnRead or OnWritten, later; not after CloseNow.
  virtual void StartRead(std::span<char> room) = 0;
  virtual void StartWrite(std::string_view bytes) = 0;
  /// How much the socket took without waiting; 0 also when it fails, which StartWrite then finds.
  virtual std::size_t WriteNow(std::string_view bytes) = 0;
  /// Says that no more comes, reads away what the client still sends, then closes.
  virtual void StartClose() = 0;
  virtual void CloseNow() = 0;
  virtual bool HasUnread() = 0;
  /// Calls OnWake on the loop's thread, from any thread and while there is this connection.
  virtual std::function<void()> MakeWake() = 0;

  std::int64_t After(Nanos from_now) const { return loop_.now + loop_.tick + from_now.count(); }
  void SetDeadline(Nanos from_now) { deadline_ = After(from_now); }
  bool IsIdle() const;
  bool HoldsBytes() const { return is_writing_ || !out_.empty(); }

  void Look();
  void OnTimeout();
  void Continue();
  bool Step();
  bool TakeHead(std::size_t size);
  bool Screened();
  bool StartBody(std::size_t head_size);
  bool ReadBody();
  void Handle(std::string_view body);
  void Pump();
  void SendAnswer(const HttpResponse& response);
  void SendHead(const HttpResponse& head);
  void BeginTunnel(std::function<void(std::string_view)> take);
  void TakeOver();
  void SendPieces(const std::string& bytes, bool is_ended);
  void Refuse(const HttpResponse& response);
  enum class Known { kNothing, kHead, kScreened };
  void RefuseWith(int status, Known known);
  bool Flush();
  bool TakeWritten(std::size_t bytes);
  void Listen();
  void OnEof();
  void OnAnswered();
  void CloseGently();

  LoopState& loop_;
  const std::string peer_;
  const bool is_secure_;
  std::shared_ptr<AnswerSlot> slot_;  // from Begin on

  State state_ = State::kOpening;
  std::int64_t deadline_ = std::numeric_limits<std::int64_t>::max();  // of the state; not while writing
  std::int64_t write_deadline_ = 0;                                   // while writing
  bool is_reading_ = false, is_writing_ = false;
  bool is_at_eof_ = false;   // the client sends no more; it may still read
  bool is_last_ = false;     // close when all is written
  bool is_in_head_ = false;  // some of the next request is here

  InputBuffer in_;
  HeadScan scan_;
  RequestParser parser_;
  RequestHead head_;
  Framing framing_;
  std::string kept_head_;  // of a request whose body is still to come
  std::string body_;

  std::function<void(std::string_view)> take_;  // of a tunnel: what arrives is its business
  bool keep_alive_ = false, is_head_request_ = false;
  enum class Pieces { kChunked, kPlain, kNone } pieces_ = Pieces::kChunked;
  std::string out_;      // to be written
  std::string sending_;  // being written
  std::size_t sent_ = 0;
};

}  // namespace mcpgate::http
