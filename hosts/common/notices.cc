#include "common/notices.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "common/expiry_watch.h"
#include "common/notice_text.h"

namespace mcpgate::hosts {
namespace {

// However many keys there are, a day's news of limits can still be read; the log has the rest.
constexpr std::size_t kMostLimitsADay = 100;

}  // namespace

absl::StatusOr<std::unique_ptr<Notices>> Notices::New(NoticePlaces places, Store& store, Log log) {
  std::unique_ptr<Notices> notices(new Notices(*store.storage, std::move(log)));
  if (places.empty()) return notices;
  if (absl::Status status = notices->Deliver(std::move(places)); !status.ok()) return status;
  notices->watch_ = TellEveryDay([notices = notices.get(), &keys = store.keyring->admin()] {
    const auto post = [notices](const Notice& notice) { return notices->Post(notice); };
    notices->Say("keys that end soon are not told of", TellExpiring(keys, Clock::System().Now(), post));
  });
  return notices;
}

absl::Status Notices::Deliver(NoticePlaces places) {
  absl::StatusOr<std::shared_ptr<NoticeOutbox>> outbox = storage_.notices();
  if (!outbox.ok()) return outbox.status();
  absl::StatusOr<std::unique_ptr<NoticeCourier>> courier =
      NoticeCourier::New({.outbox = *std::move(outbox), .places = std::move(places), .log = log_});
  if (courier.ok()) courier_ = *std::move(courier);
  return courier.status();
}

absl::Status Notices::Post(const Notice& notice) {
  if (courier_ != nullptr) return courier_->Post(notice);
  const absl::StatusOr<std::shared_ptr<NoticeOutbox>> outbox = storage_.notices();
  return outbox.ok() ? (*outbox)->Post(notice) : outbox.status();
}

void Notices::Tell(const BudgetAlert& alert) { Say("a notice of a budget is lost", Post(NoticeOf(alert))); }

void Notices::TellSoon(const LimitEvent& event) {
  if (courier_ == nullptr) return;
  const WallTime now = Clock::System().Now();
  Notice notice = NoticeOf(event, now);
  if (IsNews(notice, now)) courier_->PostSoon(std::move(notice));
}

bool Notices::IsNews(const Notice& notice, WallTime now) {
  const WallTime today = std::chrono::floor<std::chrono::days>(now);
  MutexLock lock(mutex_);
  if (std::exchange(day_, today) != today) told_today_.clear();
  return told_today_.size() < kMostLimitsADay && told_today_.insert(notice.once).second;
}

std::vector<NoticePlaceState> Notices::Places() const {
  return courier_ == nullptr ? std::vector<NoticePlaceState>() : courier_->Places();
}

void Notices::Say(std::string_view what, const absl::Status& status) const {
  if (!status.ok() && log_) log_(fmt::format("{}: {}", what, std::string(status.message())));
}

}  // namespace mcpgate::hosts
