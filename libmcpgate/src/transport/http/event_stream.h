// File: transport/http/event_stream.h
//
// What the server says to one POST, or on one GET: a JSON answer, or server-sent events once something comes
// before the answer.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "mcpgate/clock.h"
#include "mcpgate/http.h"
#include "mcpgate/server.h"
#include "transport/http/replay_buffer.h"

namespace mcpgate::http {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

/// Status and headers of a stream, with `headers` before its own.
HttpResponse StreamHead(HeaderList headers);

/// How a stream outlives its connection: one of a session of the 2025 era.
struct Resumption {
  std::shared_ptr<ReplayBuffer> buffer;
  std::weak_ptr<Session> session;
  /// Whether the client understands an event without data that tells it an id (2025-11-25), and hence that
  /// the server closes connections while the stream goes on.
  bool polls = false;
};

/// When a stream's connection is to be tended. Zero: never.
struct StreamPace {
  Nanos comment_after{0};     ///< without a byte written
  Nanos disconnect_after{0};  ///< open; of clients that poll
  std::chrono::milliseconds retry{0};
};

/// EventStream
///
/// With a resumption, its events have ids and are kept: a client whose connection broke goes on with another.
/// Safe for concurrent use.
class EventStream final : public ReplySink, public std::enable_shared_from_this<EventStream> {
 public:
  /// `headers` go out with whatever answer there is. A client that reads no events gets the answer alone, and
  /// nothing else is kept for it.
  EventStream(std::shared_ptr<HttpExchange> exchange, HeaderList headers, bool reads_events,
              std::optional<Resumption> resumption = std::nullopt);
  ~EventStream() override;

  /// Begins the stream before there is anything to say.
  void Begin();
  bool Notify(std::string message) override;
  void Finish(ServerAnswer answer) override;

  /// Holds `use` while there is a connection.
  void Hold(std::shared_ptr<void> use);
  /// Sends on another connection what came after event `number`, and goes on there.
  void Continue(std::shared_ptr<HttpExchange> exchange, HeaderList headers, std::uint64_t number,
                std::shared_ptr<void> use);
  /// The client has gone from that connection.
  void Leave(const std::weak_ptr<HttpExchange>& exchange);

  /// Writes a comment on a quiet connection, closes one that was open for long, and makes a stream of an
  /// answer that is long in coming, so that it can be resumed. False when there is nothing to tend any more.
  bool Tend(const StreamPace& pace);

 private:
  using Moment = std::chrono::steady_clock::time_point;

  bool Write(std::string bytes) MCPGATE_REQUIRES(mutex_);
  bool WriteEvent(std::string_view message) MCPGATE_REQUIRES(mutex_);
  void BeginLocked() MCPGATE_REQUIRES(mutex_);
  void Respond(ServerAnswer answer) MCPGATE_REQUIRES(mutex_);
  void Disconnect() MCPGATE_REQUIRES(mutex_);

  const HeaderList headers_;
  const bool reads_events_;
  const std::optional<Resumption> resumption_;
  // Held while bytes are handed over, so that events keep their order; the exchange never waits.
  Mutex mutex_;
  // Null between two connections of one stream.
  std::shared_ptr<HttpExchange> exchange_ MCPGATE_GUARDED_BY(mutex_);
  std::shared_ptr<void> use_ MCPGATE_GUARDED_BY(mutex_);
  std::optional<std::uint64_t> name_ MCPGATE_GUARDED_BY(mutex_);  // in the buffer, once events are kept
  bool streaming_ MCPGATE_GUARDED_BY(mutex_) = false;
  bool ended_ MCPGATE_GUARDED_BY(mutex_) = false;
  Moment connected_at_ MCPGATE_GUARDED_BY(mutex_);
  Moment written_at_ MCPGATE_GUARDED_BY(mutex_);
};

}  // namespace mcpgate::http
