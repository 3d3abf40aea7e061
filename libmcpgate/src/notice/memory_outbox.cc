#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

#include "base/crypto.h"
#include "base/mutex.h"
#include "mcpgate/notice.h"

namespace mcpgate {
namespace {

// Safe for concurrent use.
class MemoryOutbox final : public NoticeOutbox {
 public:
  explicit MemoryOutbox(const Clock& clock) : clock_(clock) {}

  absl::Status Post(const Notice& notice) override {
    if (absl::Status bad = ValidateNotice(notice); !bad.ok()) return bad;
    MutexLock lock(mutex_);
    Forget();
    const bool is_once = !notice.once.empty();
    if (is_once && told_.contains({notice.kind, notice.once})) return absl::OkStatus();
    if (kept_.size() >= kMaxNotices) return absl::ResourceExhaustedError("the outbox of notices is full");
    if (is_once) told_.emplace(notice.kind, notice.once);
    kept_.emplace(++last_, NoticeParcel{.id = RandomText(12), .notice = notice, .made = clock_.Now()});
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<NoticeParcel>> Claim(std::string_view place, std::size_t most,
                                                  Nanos lease) override {
    MutexLock lock(mutex_);
    const WallTime now = clock_.Now();
    Place& mine = PlaceOf(place);
    for (auto it = kept_.upper_bound(mine.seen); it != kept_.end(); ++it)
      mine.waiting.emplace(it->second.id, Begun{.number = it->first, .due = it->second.made});
    mine.seen = last_;
    std::vector<NoticeParcel> parcels;
    for (const auto& [due, id] : DueAt(mine, now)) {
      if (parcels.size() == most) break;
      Begun& waiting = mine.waiting.at(id);
      waiting.due = now + lease;
      parcels.push_back(kept_.at(waiting.number));
      parcels.back().attempt = ++waiting.attempts;
    }
    return parcels;
  }

  absl::Status Finish(std::string_view place, std::string_view id) override {
    MutexLock lock(mutex_);
    return PlaceOf(place).waiting.erase(std::string(id)) > 0 ? absl::OkStatus() : Gone();
  }

  absl::Status Defer(std::string_view place, std::string_view id, Nanos wait) override {
    MutexLock lock(mutex_);
    Place& mine = PlaceOf(place);
    const auto waiting = mine.waiting.find(std::string(id));
    if (waiting == mine.waiting.end()) return Gone();
    waiting->second.due = clock_.Now() + wait;
    return absl::OkStatus();
  }

  absl::StatusOr<std::size_t> Count(std::string_view place) override {
    MutexLock lock(mutex_);
    const auto found = places_.find(place);
    return found == places_.end() ? 0 : found->second.waiting.size() + UnseenBy(found->second);
  }

  absl::StatusOr<std::vector<NoticeWaiting>> Waiting(std::size_t most) override {
    MutexLock lock(mutex_);
    std::vector<NoticeWaiting> all;
    for (const auto& [number, parcel] : kept_) {
      for (const auto& [name, place] : places_) {
        if (all.size() == most) return all;
        const auto begun = place.waiting.find(parcel.id);
        if (begun == place.waiting.end() && number <= place.seen) continue;
        NoticeWaiting& one = all.emplace_back(NoticeWaiting{name, parcel, parcel.made});
        one.parcel.attempt = 0;
        if (begun == place.waiting.end()) continue;
        one.parcel.attempt = begun->second.attempts;
        one.due = begun->second.due;
      }
    }
    return all;
  }

  absl::Status ForgetPlace(std::string_view place) override {
    MutexLock lock(mutex_);
    const auto found = places_.find(place);
    if (found == places_.end()) return absl::NotFoundError("no such place has asked for notices");
    places_.erase(found);
    return absl::OkStatus();
  }

 private:
  struct Begun {
    std::uint64_t number = 0;
    WallTime due{};
    int attempts = 0;
  };
  struct Place {
    std::uint64_t seen = 0;
    std::map<std::string, Begun> waiting;
  };
  using Due = std::tuple<WallTime, std::uint64_t, std::string>;

  static absl::Status Gone() { return absl::NotFoundError("no such notice waits"); }

  static std::vector<std::pair<WallTime, std::string>> DueAt(const Place& place, WallTime now) {
    std::vector<Due> sorted;
    for (const auto& [id, waiting] : place.waiting) {
      if (waiting.due <= now) sorted.emplace_back(waiting.due, waiting.number, id);
    }
    std::sort(sorted.begin(), sorted.end());
    std::vector<std::pair<WallTime, std::string>> due;
    for (Due& one : sorted) due.emplace_back(std::get<0>(one), std::move(std::get<2>(one)));
    return due;
  }

  std::size_t UnseenBy(const Place& place) const MCPGATE_REQUIRES(mutex_) {
    return static_cast<std::size_t>(std::distance(kept_.upper_bound(place.seen), kept_.end()));
  }

  Place& PlaceOf(std::string_view name) MCPGATE_REQUIRES(mutex_) {
    const auto [place, is_new] = places_.try_emplace(std::string(name));
    if (!is_new) return place->second;
    const WallTime since = clock_.Now() - kNoticeNews;
    for (const auto& [number, parcel] : kept_) {
      if (parcel.made <= since) place->second.seen = number;
    }
    return place->second;
  }

  void Forget() MCPGATE_REQUIRES(mutex_) {
    const WallTime before = clock_.Now() - kNoticeMemory;
    while (!kept_.empty() && kept_.begin()->second.made <= before) {
      const NoticeParcel& oldest = kept_.begin()->second;
      told_.erase({oldest.notice.kind, oldest.notice.once});
      for (auto& [name, place] : places_) place.waiting.erase(oldest.id);
      kept_.erase(kept_.begin());
    }
  }

  const Clock& clock_;
  Mutex mutex_;
  std::uint64_t last_ MCPGATE_GUARDED_BY(mutex_) = 0;
  std::map<std::uint64_t, NoticeParcel> kept_ MCPGATE_GUARDED_BY(mutex_);
  std::set<std::pair<std::string, std::string>> told_ MCPGATE_GUARDED_BY(mutex_);
  std::map<std::string, Place, std::less<>> places_ MCPGATE_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<NoticeOutbox> NewMemoryNoticeOutbox(const Clock& clock) {
  return std::make_unique<MemoryOutbox>(clock);
}

}  // namespace mcpgate
