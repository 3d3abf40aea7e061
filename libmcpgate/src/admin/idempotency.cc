#include "admin/idempotency.h"

#include <algorithm>
#include <chrono>

namespace mcpgate::admin {
namespace {

constexpr std::size_t kMaxEntries = 1000;
constexpr Nanos kKept = std::chrono::minutes(10);

}  // namespace

AnswerMemory::Found AnswerMemory::Begin(const std::string& key, const std::string& request) {
  MutexLock lock(mutex_);
  const auto found = entries_.find(key);
  if (found != entries_.end() && (found->second.is_running || clock_.Steady() < found->second.until)) {
    const Entry& entry = found->second;
    if (entry.request != request) return {.known = Known::kOther};
    if (entry.is_running) return {.known = Known::kRunning};
    return {
        .known = Known::kAnswered,
        .answer = HttpResponse{
            .status = entry.status, .headers = entry.headers, .body = std::string(RevealSecret(entry.body))}};
  }
  if (found != entries_.end()) entries_.erase(found);
  if (!MakeRoom()) return {.known = Known::kFull};
  entries_.emplace(key, Entry{.request = request});
  return {};
}

bool AnswerMemory::MakeRoom() {
  if (entries_.size() < kMaxEntries) return true;
  const Nanos now = clock_.Steady();
  std::erase_if(entries_,
                [&](const auto& each) { return !each.second.is_running && each.second.until <= now; });
  if (entries_.size() < kMaxEntries) return true;
  auto oldest = entries_.end();
  for (auto each = entries_.begin(); each != entries_.end(); ++each) {
    if (each->second.is_running) continue;
    if (oldest == entries_.end() || each->second.until < oldest->second.until) oldest = each;
  }
  if (oldest == entries_.end()) return false;
  entries_.erase(oldest);
  return true;
}

void AnswerMemory::Remember(const std::string& key, const HttpResponse& answer) {
  MutexLock lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  entry.is_running = false;
  entry.until = clock_.Steady() + kKept;
  entry.status = answer.status;
  entry.headers = answer.headers;
  entry.body = Secret(answer.body);
}

void AnswerMemory::Forget(const std::string& key) {
  MutexLock lock(mutex_);
  entries_.erase(key);
}

}  // namespace mcpgate::admin
