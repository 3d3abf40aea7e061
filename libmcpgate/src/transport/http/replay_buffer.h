// File: transport/http/replay_buffer.h
//
// What clients of the 2025 era may have missed: the last events of the streams of every session, by id.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/mutex.h"
#include "mcpgate/server.h"
#include "mcpgate/streamable_http.h"

namespace mcpgate::http {

class EventStream;

/// ReplayBuffer
///
/// Bounded: the oldest events go first, of the session that has too many or of all. A stream belongs to the
/// session it was opened in; in any other it is not there. Safe for concurrent use.
class ReplayBuffer {
 public:
  explicit ReplayBuffer(const ReplayLimits& limits)
      : limits_(limits), random_((std::uint64_t{std::random_device{}()} << 32) | std::random_device{}()) {}

  /// A new stream's name, good until `Close` and until its last event has gone.
  std::uint64_t Open(std::weak_ptr<Session> session, std::weak_ptr<EventStream> stream);
  /// The stream's next event as it goes over the wire. `data` has no line end.
  std::string Add(std::uint64_t stream, std::string_view data);
  /// The stream gets no more events.
  void Close(std::uint64_t stream);

  /// Where a client was when its connection broke.
  struct Place {
    std::uint64_t stream;
    std::uint64_t number;             ///< of the last event it has
    std::weak_ptr<EventStream> live;  ///< expired when the stream gets no more events
  };
  /// nullopt when the session has no such stream, or the stream has had no such event yet.
  std::optional<Place> Find(std::string_view event_id, const std::shared_ptr<Session>& session) const;
  /// The events after `number` that are still kept, as they go over the wire.
  std::string After(std::uint64_t stream, std::uint64_t number) const;

  /// The session has ended.
  void Forget(const std::weak_ptr<Session>& session);
  /// Forgets the sessions that have ended without a word.
  void Sweep();

 private:
  struct Event {
    std::uint64_t stream;
    std::uint64_t number;
    std::string text;
  };
  using Kept = std::list<Event>::iterator;
  struct Stream {
    std::weak_ptr<Session> session;
    std::weak_ptr<EventStream> live;
    std::uint64_t next = 0;
    std::size_t kept = 0;
    bool open = true;
  };
  struct Share {
    std::deque<Kept> events;  // oldest first
    std::size_t bytes = 0;
  };
  // By owner, not by address: an address is used again while an ended session's events are still here.
  using Shares = std::map<std::weak_ptr<Session>, Share, std::owner_less<>>;

  void Keep(Stream& stream, Event event) MCPGATE_REQUIRES(mutex_);
  void DropOldest(Shares::iterator share) MCPGATE_REQUIRES(mutex_);

  const ReplayLimits limits_;
  mutable Mutex mutex_;
  // Names need not be secret: a session sees its own streams alone.
  std::mt19937_64 random_ MCPGATE_GUARDED_BY(mutex_);
  std::unordered_map<std::uint64_t, Stream> streams_ MCPGATE_GUARDED_BY(mutex_);
  std::list<Event> events_ MCPGATE_GUARDED_BY(mutex_);  // of all sessions, oldest first
  Shares shares_ MCPGATE_GUARDED_BY(mutex_);
  std::size_t bytes_ MCPGATE_GUARDED_BY(mutex_) = 0;
};

}  // namespace mcpgate::http
