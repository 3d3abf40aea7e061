#include "server/session.h"

#include <vector>

namespace mcpgate {

void Session::Settle(Revision revision) {
  legacy_ = revision;
  settled_ = true;
}

Session::Entry Session::Enter(const Json& id, std::shared_ptr<Flight> flight) {
  MutexLock lock(mutex_);
  if (entered_ >= max_in_flight_) return Entry::kFull;
  if (!in_flight_.emplace(DumpJson(id), std::move(flight)).second) return Entry::kDuplicate;
  ++entered_;
  return Entry::kEntered;
}

void Session::Answer(const Json& id) {
  MutexLock lock(mutex_);
  in_flight_.erase(DumpJson(id));
}

void Session::Leave() {
  MutexLock lock(mutex_);
  if (--entered_ == 0) empty_.notify_all();
}

bool Session::InFlight(const Json& id) const {
  MutexLock lock(mutex_);
  return !in_flight_.empty() && in_flight_.contains(DumpJson(id));
}

void Session::Cancel(const Json& id) {
  std::shared_ptr<Flight> flight;
  {
    MutexLock lock(mutex_);
    const auto found = in_flight_.find(DumpJson(id));
    if (found == in_flight_.end()) return;
    flight = found->second;
  }
  flight->Cancel();
}

void Session::CancelAll() {
  std::vector<std::shared_ptr<Flight>> flights;
  {
    MutexLock lock(mutex_);
    for (const auto& [id, flight] : in_flight_) flights.push_back(flight);
  }
  for (const auto& flight : flights) flight->Cancel();
}

bool Session::Drain(Nanos patience) {
  CondLock lock(mutex_);
  return empty_.wait_for(lock, patience, [this] { return entered_ == 0; });
}

}  // namespace mcpgate
