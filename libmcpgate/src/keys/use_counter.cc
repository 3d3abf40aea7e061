#include "keys/use_counter.h"

#include <chrono>
#include <utility>

namespace mcpgate {
namespace {

constexpr auto kPeriod = std::chrono::seconds(30);
constexpr std::size_t kMostUnfolded = 4096;  // keys on the list before their counts are summed up by id
constexpr std::int64_t kMinuteMillis = 60'000;

}  // namespace

UseCounter::~UseCounter() {
  std::thread thread;
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    thread = std::move(thread_);
  }
  wake_.notify_all();
  if (thread.joinable()) thread.join();
  Flush().IgnoreError();  // nobody is left to tell
}

void UseCounter::Remember(std::shared_ptr<const VerifiedKey> key) {
  MutexLock lock(mutex_);
  used_.push_back(std::move(key));
  if (used_.size() >= kMostUnfolded) Fold();
  if (!thread_.joinable() && !stopping_) thread_ = std::thread([this] { Run(); });
}

// A use that comes in between finds the count at zero and puts its key on the list again.
void UseCounter::Fold() {
  for (const auto& key : used_)
    sums_[key->principal.key_id] += key->uses.exchange(0, std::memory_order_relaxed);
  used_.clear();
}

absl::Status UseCounter::Flush() {
  std::map<std::string, std::int64_t> sums;
  {
    MutexLock lock(mutex_);
    Fold();
    sums.swap(sums_);
  }
  if (sums.empty()) return absl::OkStatus();
  const std::int64_t minute = book_.NowMillis() / kMinuteMillis * kMinuteMillis;
  std::vector<KeyUse> uses;
  for (const auto& [id, count] : sums) uses.push_back({.id = id, .last_used_at = minute, .uses = count});
  absl::Status status = book_.store().NoteUses(uses);
  if (status.ok()) return status;
  MutexLock lock(mutex_);
  for (const auto& [id, count] : sums) sums_[id] += count;
  return status;
}

void UseCounter::Run() {
  for (;;) {
    {
      CondLock lock(mutex_);
      wake_.wait_for(lock, kPeriod, [this]() MCPGATE_REQUIRES(mutex_) { return stopping_; });
      if (stopping_) return;
    }
    Flush().IgnoreError();  // kept for the next time
  }
}

}  // namespace mcpgate
