#include "server/session_store.h"

#include <utility>

#include "base/crypto.h"
#include "protocol/access.h"

namespace mcpgate {
namespace {

constexpr std::size_t kIdBytes = 24;
constexpr Nanos kSweepEvery = std::chrono::seconds(10);

// Calls and streams of a session that is found no more.
void End(const std::vector<std::shared_ptr<Session>>& gone) {
  for (const auto& session : gone) session->End();
}

}  // namespace

std::string SessionStore::Add(std::shared_ptr<Session> session, const Principal& owner) {
  std::vector<std::shared_ptr<Session>> gone;
  std::string id = RandomText(kIdBytes);
  {
    MutexLock lock(mutex_);
    Sweep(gone);
    std::string name = OwnerOf(owner);
    std::size_t& count = count_of_owner_[name];
    if (sessions_.size() >= limits_.sessions || count >= limits_.of_key) {
      id.clear();
    } else {
      ++count;
      session->Use(clock_.Steady());
      sessions_.emplace(id, Kept{std::move(session), std::move(name)});
    }
  }
  End(gone);
  return id;
}

std::shared_ptr<Session> SessionStore::Find(std::string_view id, const Principal& owner) {
  MutexLock lock(mutex_);
  const auto kept = sessions_.find(std::string(id));
  if (kept == sessions_.end() || kept->second.owner != OwnerOf(owner)) return nullptr;
  const Nanos now = clock_.Steady();
  if (kept->second.session->IsIdle(now, limits_.idle)) return nullptr;  // the next sweep takes it
  kept->second.session->Use(now);
  return kept->second.session;
}

void SessionStore::Remove(const Session& session) {
  MutexLock lock(mutex_);
  for (auto kept = sessions_.begin(); kept != sessions_.end(); ++kept) {
    if (kept->second.session.get() != &session) continue;
    Erase(kept);
    return;
  }
}

std::vector<std::shared_ptr<Session>> SessionStore::All() const {
  MutexLock lock(mutex_);
  std::vector<std::shared_ptr<Session>> all;
  all.reserve(sessions_.size());
  for (const auto& [id, kept] : sessions_) all.push_back(kept.session);
  return all;
}

void SessionStore::Sweep(std::vector<std::shared_ptr<Session>>& gone) {
  const Nanos now = clock_.Steady();
  if (now - swept_at_ < kSweepEvery && sessions_.size() < limits_.sessions) return;
  swept_at_ = now;
  for (auto kept = sessions_.begin(); kept != sessions_.end();) {
    const auto here = kept++;
    if (!here->second.session->IsIdle(now, limits_.idle)) continue;
    gone.push_back(here->second.session);
    Erase(here);
  }
}

void SessionStore::Erase(std::unordered_map<std::string, Kept>::iterator kept) {
  const auto count = count_of_owner_.find(kept->second.owner);
  if (count != count_of_owner_.end() && --count->second == 0) count_of_owner_.erase(count);
  sessions_.erase(kept);
}

}  // namespace mcpgate
