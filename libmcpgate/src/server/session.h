// File: server/session.h
//
// One connection as the server remembers it.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/mutex.h"
#include "mcpgate/json.h"
#include "mcpgate/server.h"
#include "protocol/flight.h"
#include "protocol/revision.h"

namespace mcpgate {

/// Session
///
/// Safe for concurrent use.
class Session {
 public:
  explicit Session(std::size_t max_in_flight) : max_in_flight_(max_in_flight) {}

  /// What requests without a claim are read as: the settled revision, or the newest legacy one before the
  /// handshake.
  Revision legacy() const { return legacy_.load(); }
  bool settled() const { return settled_.load(); }
  void Settle(Revision revision);

  enum class Entry { kEntered, kDuplicate, kFull };
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

 private:
  const std::size_t max_in_flight_;
  std::atomic<Revision> legacy_{kNewestLegacy};
  std::atomic<bool> settled_{false};
  mutable Mutex mutex_;
  CondVar empty_;
  // By the id's JSON text, in which "1" and 1 differ. Guarded by mutex_.
  std::unordered_map<std::string, std::shared_ptr<Flight>> in_flight_;
  std::size_t entered_ = 0;  // calls that have not left. Guarded by mutex_
};

}  // namespace mcpgate
