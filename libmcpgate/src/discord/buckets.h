// File: discord/buckets.h
//
// When a request may leave, decided by what Discord's answers said before. Nothing about limits is
// hard-coded: a route nobody has asked yet lets one request through, and its answer tells the rest.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/mutex.h"
#include "discord/pause.h"
#include "discord/rate_news.h"
#include "mcpgate/clock.h"
#include "mcpgate/export.h"

namespace mcpgate {

struct RateBucketOptions {
  const Clock* clock = &Clock::System();
  int global_per_second = 50;
  std::size_t max_queued = 64;     ///< requests waiting for one bucket
  std::size_t max_routes = 4'096;  ///< remembered; the one that is free soonest is forgotten first
};

/// What Discord counts together before its answers tell better.
struct RateRoute {
  std::string_view route;  ///< "POST /channels/{channel}/messages"
  std::string_view major;  ///< the channel's, guild's or webhook's id, or nothing
};

/// Why a request may not leave now.
struct NoTurn {
  enum class Why { kStopped, kTooLong, kQueueFull };
  Why why = Why::kTooLong;
  Nanos retry_after{0};
  bool global = false;
};

/// RateBuckets
///
/// Within one bucket callers (`who`) take turns, so one that floods waits behind itself. Safe for concurrent
/// use.
class MCPGATE_EXPORT RateBuckets {
 private:
  struct Bucket;
  struct Waiter;

 public:
  /// Turn
  ///
  /// The right to send one request. Ends with what its answer said, or unheard. Must not outlive the buckets.
  class MCPGATE_EXPORT Turn {
   public:
    Turn(Turn&&) noexcept = default;
    Turn& operator=(Turn&&) = delete;
    ~Turn();
    void Learn(const RateNews& news);

   private:
    friend class RateBuckets;
    Turn(RateBuckets* owner, std::shared_ptr<Bucket> bucket, std::string key, std::string major)
        : owner_(owner), bucket_(std::move(bucket)), key_(std::move(key)), major_(std::move(major)) {}

    RateBuckets* owner_;
    std::shared_ptr<Bucket> bucket_;  // null: moved from, or ended
    std::string key_, major_;
  };

  RateBuckets(RateBucketOptions options, Pause& pause);
  ~RateBuckets();

  /// Waits for a turn, until `until` (Clock::Steady()) at the most; refuses at once when it is sure to take
  /// longer.
  std::variant<Turn, NoTurn> Wait(const RateRoute& route, std::string_view who, Nanos until,
                                  std::stop_token stop);
  std::size_t routes() const;

 private:
  std::optional<NoTurn> Await(CondLock& lock, Waiter& waiter, Nanos until, std::stop_token stop)
      MCPGATE_REQUIRES(mutex_);
  Nanos ReadyAt(const Waiter& waiter, Nanos now) MCPGATE_REQUIRES(mutex_);
  Nanos GlobalReadyAt(Nanos now) MCPGATE_REQUIRES(mutex_);
  std::shared_ptr<Bucket> BucketOf(const std::string& key, Nanos now) MCPGATE_REQUIRES(mutex_);
  void MakeRoom(Nanos now) MCPGATE_REQUIRES(mutex_);
  void Join(Waiter& waiter) MCPGATE_REQUIRES(mutex_);
  void Depart(Waiter& waiter, Nanos now) MCPGATE_REQUIRES(mutex_);
  void End(Turn& turn, const RateNews* news);
  void Rename(Turn& turn, const std::string& id) MCPGATE_REQUIRES(mutex_);
  void Changed() MCPGATE_REQUIRES(mutex_);

  const RateBucketOptions options_;
  Pause& pause_;

  std::condition_variable_any signal_;
  mutable Mutex mutex_;
  std::uint64_t changes_ MCPGATE_GUARDED_BY(mutex_) = 0;
  std::uint64_t tickets_ MCPGATE_GUARDED_BY(mutex_) = 0;
  // By route and major; by learned id and major.
  std::unordered_map<std::string, std::shared_ptr<Bucket>> by_route_ MCPGATE_GUARDED_BY(mutex_);
  std::unordered_map<std::string, std::weak_ptr<Bucket>> by_id_ MCPGATE_GUARDED_BY(mutex_);
  // Of the last second, at most global_per_second.
  std::deque<Nanos> departures_ MCPGATE_GUARDED_BY(mutex_);
  Nanos global_until_ MCPGATE_GUARDED_BY(mutex_){0};
};

}  // namespace mcpgate
