#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <thread>
#include <utility>

#include "base/mutex.h"
#include "mcpgate/notice.h"

namespace mcpgate {
namespace {

constexpr std::size_t kMostPlaces = 8, kMostAtOnce = 8, kMostSoon = 256;
// Longer than so many deliveries take, half a minute each, so that no second process sends what the first is
// sending.
constexpr Nanos kLease = std::chrono::minutes(5);

bool IsFinal(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsPermissionDenied(status);
}

Nanos WaitAfter(const NoticeRetry& retry, int attempt) {
  Nanos wait = retry.first;
  for (int i = 1; i < attempt && wait < retry.longest; ++i) wait *= 2;
  return std::min(wait, retry.longest);
}

absl::Status DeliverOne(NoticeOutbox& outbox, NoticePlace& place, const NoticeParcel& parcel,
                        const NoticeRetry& retry, const Clock& clock,
                        const std::function<void(std::string_view)>& log, std::stop_token stop,
                        NoticeRound& round) {
  const absl::Status sent = place.Deliver(parcel, std::move(stop));
  round.problem = std::string(sent.message());
  const Nanos wait = WaitAfter(retry, parcel.attempt);
  const bool too_old = clock.Now() + wait > parcel.made + retry.give_up;
  if (!sent.ok() && !IsFinal(sent) && !too_old) {
    ++round.deferred;
    return outbox.Defer(place.name(), parcel.id, wait);
  }
  ++(sent.ok() ? round.delivered : round.given_up);
  if (!sent.ok() && log)
    log(fmt::format("mcpgate: the notice {} ({}) is given up at {}: {}", parcel.id, parcel.notice.kind,
                    place.name(), round.problem));
  const absl::Status ended = outbox.Finish(place.name(), parcel.id);
  return absl::IsNotFound(ended) ? absl::OkStatus() : ended;
}

// Safe for concurrent use.
class Courier final : public NoticeCourier {
 public:
  explicit Courier(NoticeCourierOptions options) : options_(std::move(options)) {
    {
      MutexLock lock(mutex_);
      for (const auto& place : options_.places) states_.push_back({.place = std::string(place->name())});
    }
    for (std::size_t i = 0; i < options_.places.size(); ++i)
      threads_.emplace_back([this, i](std::stop_token stop) { Run(i, stop); });
    threads_.emplace_back([this](std::stop_token stop) { Write(stop); });
  }
  ~Courier() override {
    for (std::jthread& thread : threads_) thread.request_stop();
    Wake();
  }

  absl::Status Post(const Notice& notice) override {
    if (absl::Status status = options_.outbox->Post(notice); !status.ok()) return status;
    Wake();
    return absl::OkStatus();
  }

  void PostSoon(Notice notice) override {
    {
      MutexLock lock(mutex_);
      if (soon_.size() < kMostSoon) {
        soon_.push_back(std::move(notice));
      } else {
        ++dropped_;
      }
    }
    changed_.notify_all();
  }

  std::vector<NoticePlaceState> Places() const override {
    MutexLock lock(mutex_);
    return states_;
  }

 private:
  void Wake() {
    {
      MutexLock lock(mutex_);
      ++posted_;
    }
    changed_.notify_all();
  }

  void Say(const std::string& line) const {
    if (options_.log) options_.log(line);
  }

  // Posts what must not be waited for; to the end, what waits when the courier goes.
  void Write(const std::stop_token& stop) {
    for (bool goes_on = true; goes_on;) {
      std::vector<Notice> notices;
      std::uint64_t dropped = 0;
      {
        CondLock lock(mutex_);
        changed_.wait(lock,
                      [&]() MCPGATE_REQUIRES(mutex_) { return !soon_.empty() || stop.stop_requested(); });
        notices.swap(soon_);
        dropped = std::exchange(dropped_, 0);
        goes_on = !stop.stop_requested();
      }
      for (const Notice& notice : notices) {
        if (const absl::Status status = Post(notice); !status.ok())
          Say(fmt::format("mcpgate: the notice '{}' is lost: {}", notice.summary,
                          std::string(status.message())));
      }
      if (dropped > 0) Say(fmt::format("mcpgate: {} notices are lost: too many at once", dropped));
    }
  }

  void Run(std::size_t index, const std::stop_token& stop) {
    NoticePlace& place = *options_.places[index];
    std::uint64_t seen = 0;
    std::string outbox_problem, place_problem;
    while (!stop.stop_requested()) {
      {
        MutexLock lock(mutex_);
        seen = posted_;
      }
      const absl::StatusOr<NoticeRound> round = Deliver(index, stop);
      Tell("the outbox of notices fails", std::string(round.status().message()), outbox_problem);
      const std::size_t ended = round.ok() ? round->delivered + round->given_up : 0;
      if (round.ok() && ended + round->deferred > 0 && !stop.stop_requested())
        Tell(fmt::format("notices do not arrive at {}", place.name()),
             round->deferred > 0 ? round->problem : "", place_problem);
      if (ended == kMostAtOnce) continue;  // there may be more
      CondLock lock(mutex_);
      changed_.wait_for(lock, options_.look_every,
                        [&]() MCPGATE_REQUIRES(mutex_) { return posted_ != seen; });
    }
  }

  absl::StatusOr<NoticeRound> Deliver(std::size_t index, const std::stop_token& stop) {
    NoticePlace& place = *options_.places[index];
    absl::StatusOr<NoticeRound> round =
        DeliverNotices(*options_.outbox, place, options_.retry, *options_.clock, options_.log, stop);
    if (!round.ok()) return round;
    const absl::StatusOr<std::size_t> waiting = options_.outbox->Count(place.name());
    MutexLock lock(mutex_);
    NoticePlaceState& state = states_[index];
    state.delivered += round->delivered;
    state.given_up += round->given_up;
    state.failed += round->deferred;
    state.waiting = waiting.value_or(state.waiting);
    return round;
  }

  // Once when something begins to fail and once when it is over.
  void Tell(std::string_view what, std::string problem, std::string& before) const {
    if (problem.empty() != before.empty())
      Say(problem.empty() ? fmt::format("mcpgate: it is over that {}", what)
                          : fmt::format("mcpgate: {}: {}", what, problem));
    before = std::move(problem);
  }

  const NoticeCourierOptions options_;
  mutable Mutex mutex_;
  CondVar changed_;
  std::uint64_t posted_ MCPGATE_GUARDED_BY(mutex_) = 0;
  std::uint64_t dropped_ MCPGATE_GUARDED_BY(mutex_) = 0;
  std::vector<Notice> soon_ MCPGATE_GUARDED_BY(mutex_);
  std::vector<NoticePlaceState> states_ MCPGATE_GUARDED_BY(mutex_);
  std::vector<std::jthread> threads_;  ///< last, so that they end first
};

}  // namespace

absl::StatusOr<NoticeRound> DeliverNotices(NoticeOutbox& outbox, NoticePlace& place, const NoticeRetry& retry,
                                           const Clock& clock,
                                           const std::function<void(std::string_view)>& log,
                                           std::stop_token stop) {
  const auto parcels = outbox.Claim(place.name(), kMostAtOnce, kLease);
  if (!parcels.ok()) return parcels.status();
  NoticeRound round;
  for (const NoticeParcel& parcel : *parcels) {
    // Those not tried are due again when the lease is over, or at once.
    if (stop.stop_requested()) {
      (void)outbox.Defer(place.name(), parcel.id, Nanos(0));
      continue;
    }
    const absl::Status done = DeliverOne(outbox, place, parcel, retry, clock, log, stop, round);
    if (!done.ok()) return done;
  }
  return round;
}

absl::StatusOr<std::unique_ptr<NoticeCourier>> NoticeCourier::New(NoticeCourierOptions options) {
  if (options.outbox == nullptr || options.clock == nullptr)
    return absl::InvalidArgumentError("NoticeCourierOptions::outbox: missing");
  if (options.places.size() > kMostPlaces)
    return absl::InvalidArgumentError("NoticeCourierOptions::places: at most 8");
  std::set<std::string_view> names;
  for (const auto& place : options.places) {
    if (place == nullptr || !names.insert(place->name()).second)
      return absl::InvalidArgumentError("NoticeCourierOptions::places: two of one name, or none at all");
  }
  return std::make_unique<Courier>(std::move(options));
}

}  // namespace mcpgate
