#include "discord/buckets.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace mcpgate {
namespace {

constexpr Nanos kUnknownTime = Nanos::max();  // ready when another request's answer comes
constexpr Nanos kGlobalWindow = std::chrono::seconds(1);
constexpr Nanos kUnknownRetry = std::chrono::seconds(1);

}  // namespace

// A window runs from the first request that Discord counts until `reset_at`; 0 means that none is known to
// run. What we counted ourselves is never raised by an answer, because answers overtake each other.
struct RateBuckets::Bucket {
  std::string id;  // empty until learned
  int limit = 1;   // of an unknown bucket: one request, whose answer tells
  int remaining = 1;
  bool known = false;
  bool unlimited = false;
  int in_flight = 0;
  Nanos reset_at{0};
  Nanos blocked_until{0};   // by a 429 that says nothing about the window
  std::uint64_t round = 0;  // rank of the waiter served last
  std::vector<Waiter*> waiting;

  void Refill(Nanos now) {
    if (reset_at == Nanos(0) || now < reset_at) return;
    reset_at = Nanos(0);
    remaining = std::max(0, limit - in_flight);
    if (in_flight == 0) remaining = std::max(remaining, 1);
  }

  Nanos ReadyAt(Nanos now) {
    Refill(now);
    const Nanos unblocked = std::max(now, blocked_until);
    if (remaining > 0 || (unlimited && reset_at == Nanos(0))) return unblocked;
    return reset_at == Nanos(0) ? kUnknownTime : std::max(reset_at, unblocked);
  }

  void Take() {
    ++in_flight;
    if (!unlimited) --remaining;
  }

  // The request got no answer that tells. When nothing else will, let the next one find out.
  void Unheard() {
    if (in_flight == 0 && remaining <= 0 && reset_at == Nanos(0)) remaining = 1;
  }

  void Hear(const RateNews& news, Nanos now) {
    if (news.limit > 0) {
      remaining = known ? std::min(remaining, news.remaining) : news.remaining;
      limit = news.limit;
      known = true;
      unlimited = false;
      if (news.reset_after > Nanos(0)) reset_at = std::max(reset_at, now + news.reset_after);
    } else if (news.settled && !known) {
      unlimited = true;
    }
    if (news.limited == RateScope::kShared) blocked_until = std::max(blocked_until, now + news.retry_after);
    if (news.limited == RateScope::kUser) {
      // Discord's last word on the window, also when it ends sooner than an answer before said.
      remaining = 0;
      reset_at = now + news.retry_after;
    }
  }

  Nanos ClosedUntil() const { return std::max(reset_at, blocked_until); }
  bool IsIdle() const { return in_flight == 0 && waiting.empty(); }
};

// A caller's first waiter goes before another's second: rank counts how many of the same caller are ahead.
struct RateBuckets::Waiter {
  std::shared_ptr<Bucket> bucket;
  const std::string& key;
  std::string_view who;
  std::uint64_t rank = 0;
  std::uint64_t ticket = 0;

  bool IsBefore(const Waiter& other) const {
    return rank != other.rank ? rank < other.rank : ticket < other.ticket;
  }
  bool IsNext() const {
    return std::none_of(bucket->waiting.begin(), bucket->waiting.end(),
                        [this](const Waiter* other) { return other->IsBefore(*this); });
  }
};

RateBuckets::Turn::~Turn() {
  if (bucket_ != nullptr) owner_->End(*this, nullptr);
}

void RateBuckets::Turn::Learn(const RateNews& news) {
  if (bucket_ != nullptr) owner_->End(*this, &news);
}

RateBuckets::RateBuckets(RateBucketOptions options, Pause& pause) : options_(options), pause_(pause) {}
RateBuckets::~RateBuckets() = default;

std::variant<RateBuckets::Turn, NoTurn> RateBuckets::Wait(const RateRoute& route, std::string_view who,
                                                          Nanos until, std::stop_token stop) {
  const std::string key = fmt::format("{} {}", route.route, route.major);
  CondLock lock(mutex_);
  const Nanos now = options_.clock->Steady();
  Waiter waiter{.bucket = BucketOf(key, now), .key = key, .who = who};
  if (waiter.bucket->waiting.size() >= options_.max_queued) {
    const Nanos ready = waiter.bucket->ReadyAt(now);
    return NoTurn{NoTurn::Why::kQueueFull, ready == kUnknownTime ? kUnknownRetry : ready - now};
  }
  Join(waiter);
  const std::optional<NoTurn> refused = Await(lock, waiter, until, std::move(stop));
  std::erase(waiter.bucket->waiting, &waiter);
  if (!refused.has_value()) Depart(waiter, options_.clock->Steady());
  Changed();
  if (refused.has_value()) return *refused;
  return Turn(this, std::move(waiter.bucket), key, std::string(route.major));
}

std::optional<NoTurn> RateBuckets::Await(CondLock& lock, Waiter& waiter, Nanos until, std::stop_token stop) {
  for (;;) {
    if (stop.stop_requested()) return NoTurn{NoTurn::Why::kStopped};
    const Nanos now = options_.clock->Steady();
    const Nanos ready = ReadyAt(waiter, now);
    if (ready <= now) return std::nullopt;
    const bool too_long = ready == kUnknownTime ? now >= until : ready > until;
    if (too_long) {
      const Nanos wait = ready == kUnknownTime ? kUnknownRetry : ready - now;
      return NoTurn{NoTurn::Why::kTooLong, wait, GlobalReadyAt(now) >= ready};
    }
    const std::uint64_t seen = changes_;
    pause_.Until(lock, signal_, stop, std::min(ready, until),
                 [&]() MCPGATE_REQUIRES(mutex_) { return changes_ != seen; });
  }
}

Nanos RateBuckets::ReadyAt(const Waiter& waiter, Nanos now) {
  const Nanos ready = std::max(waiter.bucket->ReadyAt(now), GlobalReadyAt(now));
  return ready <= now && !waiter.IsNext() ? kUnknownTime : ready;
}

Nanos RateBuckets::GlobalReadyAt(Nanos now) {
  while (!departures_.empty() && departures_.front() + kGlobalWindow <= now) departures_.pop_front();
  const bool full = departures_.size() >= static_cast<std::size_t>(options_.global_per_second);
  return std::max(global_until_, full ? departures_.front() + kGlobalWindow : Nanos(0));
}

std::shared_ptr<RateBuckets::Bucket> RateBuckets::BucketOf(const std::string& key, Nanos now) {
  const auto found = by_route_.find(key);
  if (found != by_route_.end()) return found->second;
  if (by_route_.size() >= options_.max_routes) MakeRoom(now);
  return by_route_.emplace(key, std::make_shared<Bucket>()).first->second;
}

// Forgets buckets that hold nothing back any more; when all do, the idle one that is free soonest. Buckets in
// use are bounded by the number of calls.
void RateBuckets::MakeRoom(Nanos now) {
  auto soonest = by_route_.end();
  for (auto entry = by_route_.begin(); entry != by_route_.end();) {
    const Bucket& bucket = *entry->second;
    if (bucket.IsIdle() && bucket.ClosedUntil() <= now) {
      entry = by_route_.erase(entry);
      continue;
    }
    const bool sooner = soonest == by_route_.end() || bucket.ClosedUntil() < soonest->second->ClosedUntil();
    if (bucket.IsIdle() && sooner) soonest = entry;
    ++entry;
  }
  if (by_route_.size() >= options_.max_routes && soonest != by_route_.end()) by_route_.erase(soonest);
  std::erase_if(by_id_, [](const auto& entry) { return entry.second.expired(); });
}

void RateBuckets::Join(Waiter& waiter) {
  waiter.ticket = ++tickets_;
  waiter.rank = waiter.bucket->round;
  for (const Waiter* other : waiter.bucket->waiting) {
    if (other->who == waiter.who) waiter.rank = std::max(waiter.rank, other->rank + 1);
  }
  waiter.bucket->waiting.push_back(&waiter);
}

void RateBuckets::Depart(Waiter& waiter, Nanos now) {
  waiter.bucket->round = std::max(waiter.bucket->round, waiter.rank);
  waiter.bucket->Take();
  departures_.push_back(now);
}

void RateBuckets::End(Turn& turn, const RateNews* news) {
  MutexLock lock(mutex_);
  const Nanos now = options_.clock->Steady();
  --turn.bucket_->in_flight;
  if (news != nullptr) {
    if (!news->bucket.empty() && news->bucket != turn.bucket_->id) Rename(turn, news->bucket);
    turn.bucket_->Hear(*news, now);
    if (news->limited == RateScope::kGlobal || news->limited == RateScope::kEdge)
      global_until_ = std::max(global_until_, now + news->retry_after);
  }
  turn.bucket_->Unheard();
  turn.bucket_.reset();
  Changed();
}

// The route turned out to belong to the bucket `id`. Its waiters move there when somebody else found that one
// first, and the request that told is charged there.
void RateBuckets::Rename(Turn& turn, const std::string& id) {
  const std::string name = fmt::format("{} {}", id, turn.major_);
  std::shared_ptr<Bucket> named = by_id_[name].lock();
  if (named == nullptr && turn.bucket_->id.empty()) {
    named = turn.bucket_;
  } else if (named == nullptr) {
    named = std::make_shared<Bucket>();
  } else {
    --named->remaining;
  }
  named->id = id;
  by_id_[name] = named;
  if (const auto route = by_route_.find(turn.key_); route != by_route_.end()) route->second = named;
  if (named == turn.bucket_) return;
  std::vector<Waiter*> movers;
  for (Waiter* waiter : turn.bucket_->waiting) {
    if (waiter->key == turn.key_) movers.push_back(waiter);
  }
  for (Waiter* waiter : movers) {
    std::erase(waiter->bucket->waiting, waiter);
    waiter->bucket = named;
    named->waiting.push_back(waiter);
  }
  turn.bucket_->Unheard();
  turn.bucket_ = named;
}

void RateBuckets::Changed() {
  ++changes_;
  signal_.notify_all();
}

std::size_t RateBuckets::routes() const {
  MutexLock lock(mutex_);
  return by_route_.size();
}

}  // namespace mcpgate
