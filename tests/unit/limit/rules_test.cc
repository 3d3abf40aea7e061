#include <doctest/doctest.h>

#include "mcpgate/limit_rules.h"

namespace mcpgate {
namespace {

TEST_CASE("each algorithm has its name") {
  CHECK(LimitAlgorithmName(LimitAlgorithm::kExact) == "exact");
  CHECK(LimitAlgorithmName(LimitAlgorithm::kGcra) == "gcra");
  CHECK(LimitAlgorithmName(LimitAlgorithm::kIdleReset) == "idle_reset");
  CHECK(LimitAlgorithmName(static_cast<LimitAlgorithm>(99)) == "unknown");
}

TEST_CASE("the shipped posting limit is five an hour") {
  const LimitPolicy policy = PostingLimit();
  CHECK(ValidateLimitPolicy(policy).ok());
  LimitCell cell;
  for (int post = 0; post < 5; ++post) {
    REQUIRE(JudgeLimit(policy, cell, post, 1).allowed);
    ChargeLimit(policy, cell, post, 1);
  }
  const LimitVerdict verdict = JudgeLimit(policy, cell, 10, 1);
  CHECK_FALSE(verdict.allowed);
  CHECK(verdict.retry_after == std::chrono::hours(1) - Nanos(10 - 4 - 1));
}

}  // namespace
}  // namespace mcpgate
