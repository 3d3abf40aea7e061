#include "discord/pause.h"

#include <algorithm>

namespace mcpgate {
namespace {

// Longer spans overflow inside some condition variables; a caller that waits for longer just comes back.
constexpr Nanos kLongest = std::chrono::hours(1);

class ClockPause : public Pause {
 public:
  explicit ClockPause(const Clock& clock) : clock_(clock) {}

  void Until(CondLock& lock, std::condition_variable_any& signal, std::stop_token stop, Nanos until,
             const std::function<bool()>& ended) override {
    const Nanos left = std::min(until - clock_.Steady(), kLongest);
    if (left > Nanos(0)) signal.wait_for(lock, stop, left, ended);
  }

 private:
  const Clock& clock_;
};

}  // namespace

std::unique_ptr<Pause> NewClockPause(const Clock& clock) { return std::make_unique<ClockPause>(clock); }

}  // namespace mcpgate
