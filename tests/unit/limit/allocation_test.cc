// A charge of counters that exist allocates nothing.
#include <doctest/doctest.h>

#include <vector>

#include "mcpgate/rate_limiter.h"
#include "support/count_allocations.h"
#include "support/fake_clock.h"

namespace mcpgate {
namespace {

using std::chrono::seconds;

TEST_CASE("charging counters that exist allocates nothing, admitted or refused") {
  testing::FakeClock clock;
  const auto limiter = NewLocalRateLimiter({.clock = &clock});
  const LimitPolicy exact{.name = "exact", .limit = 5, .window = seconds(10)};
  const LimitPolicy gcra{
      .name = "gcra", .algorithm = LimitAlgorithm::kGcra, .limit = 6, .window = seconds(10)};
  const LimitPolicy idle{
      .name = "idle", .algorithm = LimitAlgorithm::kIdleReset, .limit = 7, .window = seconds(5)};
  const std::vector<LimitCharge> charges = {{&exact, ""}, {&gcra, "tenant"}, {&idle, "key"}};
  int admitted = 0;
  const auto ten_seconds = [&] {
    for (int i = 0; i < 20; ++i) {
      const auto decision = limiter->Take(charges, nullptr);
      admitted += decision.ok() && decision->allowed ? 1 : 0;
    }
    clock.Advance(seconds(10));
  };
  ten_seconds();
  const long before = allocations;
  for (int i = 0; i < 10; ++i) ten_seconds();
  const long after = allocations;
  CHECK(admitted == 11 * 5);
  CHECK(after == before);
}

}  // namespace
}  // namespace mcpgate
