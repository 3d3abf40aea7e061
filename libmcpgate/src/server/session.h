// File: server/session.h
//
// One connection, or one 2025-era session over HTTP, as the server remembers it.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "mcpgate/gate.h"
#include "mcpgate/json.h"
#include "mcpgate/server.h"
#include "protocol/flight.h"
#include "protocol/request.h"
#include "protocol/session_side.h"

namespace mcpgate {

/// Question
///
/// A request to the client and the place of its answer. Safe for concurrent use.
class Question {
 public:
  explicit Question(std::string id) : id_(std::move(id)) {}
  const std::string& id() const { return id_; }
  void Resolve(absl::StatusOr<Json> answer);
  /// The answer; Cancelled when `stop` comes first, DeadlineExceeded when `patience` ends.
  absl::StatusOr<Json> Wait(std::stop_token stop, Nanos patience);

 private:
  const std::string id_;
  CondVar resolved_;
  Mutex mutex_;
  std::optional<absl::StatusOr<Json>> answer_ MCPGATE_GUARDED_BY(mutex_);
};

struct SessionLimits {
  std::size_t in_flight = 256;
  std::size_t subscriptions = 1'000;
};

/// Session
///
/// Safe for concurrent use.
class Session final : public SessionSide {
 public:
  explicit Session(const SessionLimits& limits);

  /// What requests without a claim are read with: what `initialize` settled, or the newest legacy revision.
  Settled settled() const;
  bool has_settled() const { return has_settled_.load(); }
  void Settle(Settled settled) override;
  void SetLogLevel(LogLevel level) override;

  enum class Entry { kEntered, kDuplicate, kFull, kEnded };
  /// Remembers a call until `Answer`, so that it can be cancelled, and counts it until `Leave`.
  Entry Enter(const Json& id, std::shared_ptr<Flight> flight);
  /// Before the answer is written: whoever has read it may use the id again.
  void Answer(const Json& id);
  /// After it is written: once every call has left, the transport may close.
  void Leave();
  bool InFlight(const Json& id) const;
  /// No effect when no such call is in flight: it may just have been answered.
  void Cancel(const Json& id);
  void CancelAll();
  /// False when calls still ran after `patience`.
  bool Drain(Nanos patience);

  /// A question that the next `Resolve` with its id answers, until it is dropped.
  std::shared_ptr<Question> NewQuestion();
  void Resolve(const Json& id, absl::StatusOr<Json> answer);
  void Forget(const Question& question);

  bool Subscribe(const std::string& uri) override;
  void Unsubscribe(const std::string& uri) override;

  /// Where messages go that belong to no call. Returns the one before; `stream` itself when the session has
  /// ended.
  std::shared_ptr<ReplySink> Attach(std::shared_ptr<ReplySink> stream);
  /// Takes no more calls and streams. Cancels its calls, and ends its stream.
  void End();

  /// Notes a use at that moment of Clock::Steady().
  void Use(Nanos now) { used_at_ = now.count(); }
  void Hold() { ++holds_; }
  void Release(Nanos now);
  /// Whether nobody has used it for longer than `idle`, nobody holds it and no call is under way.
  bool IsIdle(Nanos now, Nanos idle) const;

  /// The stream when the session's client is to hear of the event; nullptr otherwise.
  std::shared_ptr<ReplySink> StreamFor(const ServerEvent& event) const;

 private:
  const SessionLimits limits_;
  std::atomic<bool> has_settled_{false};
  std::atomic<Nanos::rep> used_at_{0};
  std::atomic<std::size_t> holds_{0};
  CondVar empty_;
  mutable Mutex mutex_;
  Settled settled_ MCPGATE_GUARDED_BY(mutex_);
  // By the id's JSON text, in which "1" and 1 differ.
  std::unordered_map<std::string, std::shared_ptr<Flight>> in_flight_ MCPGATE_GUARDED_BY(mutex_);
  std::size_t entered_ MCPGATE_GUARDED_BY(mutex_) = 0;  // calls that have not left
  std::unordered_map<std::string, std::shared_ptr<Question>> questions_ MCPGATE_GUARDED_BY(mutex_);
  std::uint64_t last_question_ MCPGATE_GUARDED_BY(mutex_) = 0;
  std::set<std::string> subscriptions_ MCPGATE_GUARDED_BY(mutex_);
  std::shared_ptr<ReplySink> stream_ MCPGATE_GUARDED_BY(mutex_);
  bool ended_ MCPGATE_GUARDED_BY(mutex_) = false;
};

/// Holds the session until it is dropped. Does not keep it alive.
std::shared_ptr<void> HoldInUse(const std::shared_ptr<Session>& session, const Clock& clock);

}  // namespace mcpgate
