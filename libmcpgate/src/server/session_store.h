// File: server/session_store.h
//
// The 2025-era sessions that clients opened over HTTP, by id.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "mcpgate/clock.h"
#include "mcpgate/principal.h"
#include "server/session.h"

namespace mcpgate {

struct SessionStoreLimits {
  std::size_t sessions = 10'000;
  std::size_t of_key = 100;
  Nanos idle = std::chrono::minutes(30);
};

/// SessionStore
///
/// Bounded: when it is full a newcomer is refused, for nobody may end another's session. A session belongs to
/// the key family that opened it; to any other it is not there. Safe for concurrent use.
class SessionStore {
 public:
  SessionStore(const SessionStoreLimits& limits, const Clock& clock) : limits_(limits), clock_(clock) {}

  /// The new session's id; empty when there are too many.
  std::string Add(std::shared_ptr<Session> session, const Principal& owner);
  /// nullptr when there is none of that id, or another's. Counts as use.
  std::shared_ptr<Session> Find(std::string_view id, const Principal& owner);
  /// The session is found no more.
  void Remove(const Session& session);
  std::vector<std::shared_ptr<Session>> All() const;

 private:
  struct Kept {
    std::shared_ptr<Session> session;
    std::string owner;
  };

  void Sweep(std::vector<std::shared_ptr<Session>>& gone) MCPGATE_REQUIRES(mutex_);
  void Erase(std::unordered_map<std::string, Kept>::iterator kept) MCPGATE_REQUIRES(mutex_);

  const SessionStoreLimits limits_;
  const Clock& clock_;
  mutable Mutex mutex_;
  std::unordered_map<std::string, Kept> sessions_ MCPGATE_GUARDED_BY(mutex_);
  std::unordered_map<std::string, std::size_t> count_of_owner_ MCPGATE_GUARDED_BY(mutex_);
  Nanos swept_at_ MCPGATE_GUARDED_BY(mutex_){0};
};

}  // namespace mcpgate
