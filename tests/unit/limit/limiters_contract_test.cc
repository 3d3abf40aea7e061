#include <doctest/doctest.h>

#include "contract/rate_limiter_contract.h"

namespace mcpgate {
namespace {

TEST_CASE("the local limiter keeps the contract of RateLimiter") {
  testing::RateLimiterContract([](const Clock& clock) {
    const std::shared_ptr<RateLimiter> limiter = NewLocalRateLimiter({.clock = &clock});
    return testing::RateLimiters{limiter, limiter};
  });
}

// All windows of the contract are long, so this goes to the durable side.
TEST_CASE("the tiered limiter keeps the contract of RateLimiter") {
  testing::RateLimiterContract([](const Clock& clock) {
    const std::shared_ptr<RateLimiter> limiter =
        NewTieredRateLimiter(NewLocalRateLimiter({.clock = &clock}), NewLocalRateLimiter({.clock = &clock}));
    return testing::RateLimiters{limiter, limiter};
  });
}

}  // namespace
}  // namespace mcpgate
