#include "mcpgate/clock.h"

namespace mcpgate {
namespace {

class SystemClock : public Clock {
 public:
  WallTime Now() const override {
    return std::chrono::time_point_cast<Nanos>(std::chrono::system_clock::now());
  }
  Nanos Steady() const override { return std::chrono::steady_clock::now().time_since_epoch(); }
};

}  // namespace

const Clock& Clock::System() {
  // Never destroyed: at the end of a program, threads of an object that is static itself may still ask.
  static const Clock* const clock = new SystemClock;
  return *clock;
}

}  // namespace mcpgate
