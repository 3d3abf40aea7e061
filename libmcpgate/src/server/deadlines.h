// File: server/deadlines.h
//
// Tells calls that their time is up.
#pragma once

#include <memory>
#include <queue>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "mcpgate/clock.h"
#include "protocol/flight.h"

namespace mcpgate {

/// Deadlines
///
/// One thread, started with the first pooled call. Holds calls weakly: one that has ended is simply skipped.
/// Safe for concurrent use.
class Deadlines {
 public:
  explicit Deadlines(const Clock& clock) : clock_(clock) {}
  ~Deadlines();

  void Watch(const std::shared_ptr<Flight>& flight);

 private:
  struct Entry {
    Nanos at;
    std::weak_ptr<Flight> flight;
    bool operator>(const Entry& other) const { return at > other.at; }
  };

  void Run();

  const Clock& clock_;
  CondVar wake_;
  Mutex mutex_;
  // Bounded by the calls of the last deadline's length, hence by max_in_flight and the pool.
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> entries_ MCPGATE_GUARDED_BY(mutex_);
  bool ending_ MCPGATE_GUARDED_BY(mutex_) = false;
  std::thread thread_ MCPGATE_GUARDED_BY(mutex_);
};

}  // namespace mcpgate
