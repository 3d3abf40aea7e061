#include "server/deadlines.h"

#include <algorithm>

namespace mcpgate {
namespace {

// A deadline that was put off may come nearer again, when a question is answered before its time.
constexpr Nanos kLookAgain = std::chrono::seconds(1);

}  // namespace

Deadlines::~Deadlines() {
  {
    MutexLock lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Deadlines::Watch(const std::shared_ptr<Flight>& flight) {
  bool first = false;
  {
    MutexLock lock(mutex_);
    // Ended calls leave from the front, so a busy server does not pile them up for a whole deadline.
    while (!entries_.empty() && entries_.top().flight.expired()) entries_.pop();
    first = entries_.empty() || flight->deadline() < entries_.top().at;
    entries_.push({flight->deadline(), flight});
    if (!thread_.joinable()) thread_ = std::thread([this] { Run(); });
  }
  if (first) wake_.notify_one();
}

void Deadlines::Run() {
  CondLock lock(mutex_);
  while (!ending_) {
    if (entries_.empty()) {
      wake_.wait(lock);
      continue;
    }
    const Nanos left = entries_.top().at - clock_.Steady();
    if (left.count() > 0) {
      wake_.wait_for(lock, left);
      continue;
    }
    const std::shared_ptr<Flight> flight = entries_.top().flight.lock();
    entries_.pop();
    lock.unlock();
    const Nanos now = clock_.Steady();
    const bool postponed = flight && flight->deadline() > now;
    if (flight && !postponed) flight->Expire();
    lock.lock();
    if (postponed) entries_.push({std::min(flight->deadline(), now + kLookAgain), flight});
  }
}

}  // namespace mcpgate
