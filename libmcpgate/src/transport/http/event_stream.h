// File: transport/http/event_stream.h
//
// What the server says to one POST, or on one GET: a JSON answer, or server-sent events once something comes
// before the answer.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "mcpgate/clock.h"
#include "mcpgate/http.h"
#include "mcpgate/server.h"

namespace mcpgate::http {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

/// EventStream
///
/// Safe for concurrent use.
class EventStream final : public ReplySink {
 public:
  /// `headers` go out with whatever answer there is. A client that reads no events gets the answer alone.
  EventStream(std::shared_ptr<HttpExchange> exchange, HeaderList headers, bool reads_events)
      : exchange_(std::move(exchange)), headers_(std::move(headers)), reads_events_(reads_events) {}

  /// Begins the stream before there is anything to say.
  void Begin();
  bool Notify(std::string message) override;
  void Finish(ServerAnswer answer) override;
  /// A comment when nothing was written since the last time; false when there is nothing to keep alive any
  /// more.
  bool KeepAlive();

 private:
  bool WriteEvent(std::string_view message);
  void BeginLocked();
  void Respond(ServerAnswer answer);

  const std::shared_ptr<HttpExchange> exchange_;
  const HeaderList headers_;
  const bool reads_events_;
  Mutex
      mutex_;  // held while bytes are handed over, so that events keep their order; the exchange never waits
  bool streaming_ = false;
  bool ended_ = false;
  bool idle_ = false;
};

/// StreamKeeper
///
/// One thread that keeps the connections of quiet streams open. Safe for concurrent use.
class StreamKeeper {
 public:
  explicit StreamKeeper(Nanos every) : every_(every) {}
  ~StreamKeeper();
  void Watch(std::weak_ptr<EventStream> stream);

 private:
  static constexpr std::size_t kFirstSweep = 1024;

  void Run();

  const Nanos every_;
  Mutex mutex_;
  CondVar wake_;
  // Guarded by mutex_.
  std::vector<std::weak_ptr<EventStream>> streams_;
  std::size_t sweep_at_ = kFirstSweep;
  bool ending_ = false;
  std::thread thread_;  // started with the first stream
};

}  // namespace mcpgate::http
