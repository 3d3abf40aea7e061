#include "admin/live_audit.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace mcpgate::admin {
namespace {

constexpr std::size_t kMaxWatchers = 64;
constexpr std::size_t kAtOnce = 500;      // records of one look
constexpr std::uint64_t kReach = 10'000;  // how far back one may come for the rest
constexpr std::chrono::milliseconds kPause{250};
constexpr int kLooksBetweenComments = 60;  // 15 s

}  // namespace

LiveAudit::~LiveAudit() {
  std::thread thread;
  {
    MutexLock lock(mutex_);
    is_stopping_ = is_ending_ = true;
    thread = std::move(thread_);
  }
  changed_.notify_all();
  if (thread.joinable()) thread.join();
}

absl::StatusOr<std::uint64_t> LiveAudit::Newest() {
  const auto newest = trail_.Read(TenantScope::Operator(), {.limit = 1, .newest = true});
  if (!newest.ok()) return newest.status();
  return newest->empty() ? 0 : newest->front().seq;
}

bool LiveAudit::HasRoom() {
  MutexLock lock(mutex_);
  return !is_stopping_ && watching_ < kMaxWatchers;
}

bool LiveAudit::Add(Watcher watcher) {
  MutexLock lock(mutex_);
  if (is_stopping_ || watching_ >= kMaxWatchers) return false;
  ++watching_;
  joining_.push_back(std::move(watcher));
  if (!thread_.joinable()) thread_ = std::thread([this] { Run(); });
  changed_.notify_all();
  return true;
}

void LiveAudit::EndAll() {
  MutexLock lock(mutex_);
  is_ending_ = true;
  changed_.notify_all();
}

void LiveAudit::Run() {
  std::list<Watcher> watchers;
  for (int look = 0;; ++look) {
    bool is_ending = false;
    {
      CondLock lock(mutex_);
      if (watchers.empty() && joining_.empty() && !is_stopping_) look = 0;
      while (watchers.empty() && joining_.empty() && !is_stopping_) changed_.wait(lock);
      watchers.splice(watchers.end(), joining_);
      is_ending = std::exchange(is_ending_, false);
      if (is_stopping_) return;  // their exchanges end with them
    }
    const bool is_quiet = look % kLooksBetweenComments == kLooksBetweenComments - 1;
    const absl::StatusOr<std::uint64_t> newest = Newest();
    const std::size_t before = watchers.size();
    watchers.remove_if([&](Watcher& watcher) {
      if (!is_ending && Tell(watcher, newest.value_or(0), is_quiet)) return false;
      watcher.viewer->End();
      return true;
    });
    CondLock lock(mutex_);
    watching_ -= before - watchers.size();
    if (!is_stopping_ && !is_ending_) changed_.wait_for(lock, kPause);
  }
}

bool LiveAudit::Tell(Watcher& watcher, std::uint64_t newest, bool is_quiet) {
  if (!watcher.may_watch()) return false;
  TrailNews news;
  std::uint64_t after = watcher.after;
  if (newest > kReach && after < newest - kReach) {
    news.gap_from = after + 1;
    news.gap_to = after = newest - kReach;
  }
  auto records = trail_.Read(watcher.scope, {.after_seq = after, .limit = kAtOnce});
  if (!records.ok()) return true;  // the store is away for now; what is written meanwhile is told later
  if (!records->empty()) after = records->back().seq;
  // Records of others need not be looked through again.
  watcher.after = records->size() < kAtOnce ? std::max(after, newest) : after;
  news.records = *std::move(records);
  if (news.gap_to == 0 && news.records.empty()) return !is_quiet || watcher.viewer->Quiet();
  return watcher.viewer->Tell(news);
}

}  // namespace mcpgate::admin
