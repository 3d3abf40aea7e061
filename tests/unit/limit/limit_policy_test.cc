#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "mcpgate/rate_limiter.h"

namespace mcpgate {
namespace {

using std::chrono::days;
using std::chrono::hours;

LimitPolicy With(auto change) {
  LimitPolicy policy{.name = "p-1_x", .limit = 5, .window = hours(1)};
  change(policy);
  return policy;
}

TEST_CASE("a malformed limit is refused by the name of the field") {
  struct Row {
    std::string_view field;
    LimitPolicy policy;
  };
  for (const Row& row : std::vector<Row>{
           {"name", With([](auto& p) { p.name = ""; })},
           {"name", With([](auto& p) { p.name = "Posts"; })},
           {"name", With([](auto& p) { p.name = "a b"; })},
           {"name", With([](auto& p) { p.name = std::string(41, 'a'); })},
           {"algorithm", With([](auto& p) { p.algorithm = static_cast<LimitAlgorithm>(7); })},
           {"scope", With([](auto& p) { p.scope = static_cast<LimitScope>(99); })},
           {"limit", With([](auto& p) { p.limit = 10'001, p.algorithm = LimitAlgorithm::kConcurrency; })},
           {"limit", With([](auto& p) { p.limit = 0; })},
           {"limit", With([](auto& p) { p.limit = -1; })},
           {"limit", With([](auto& p) { p.limit = 100'001; })},
           {"limit", With([](auto& p) { p.limit = 65, p.algorithm = LimitAlgorithm::kIdleReset; })},
           {"limit", With([](auto& p) { p.limit = 1'000'000'001, p.algorithm = LimitAlgorithm::kGcra; })},
           {"window", With([](auto& p) { p.window = Nanos(999'999); })},
           {"window", With([](auto& p) { p.window = days(366) + Nanos(1); })},
           {"burst", With([](auto& p) { p.burst = 1; })},
           {"burst", With([](auto& p) { p.burst = -1, p.algorithm = LimitAlgorithm::kGcra; })},
           {"burst", With([](auto& p) { p.burst = 1'000'000'001, p.algorithm = LimitAlgorithm::kGcra; })},
           {"burst", With([](auto& p) {
              p.algorithm = LimitAlgorithm::kGcra, p.limit = 1, p.burst = 100'000, p.window = days(1);
            })}}) {
    const absl::Status status = ValidateLimitPolicy(row.policy);
    CAPTURE(row.field);
    CAPTURE(status.ToString());
    CHECK(absl::IsInvalidArgument(status));
    CHECK(std::string(status.message()).find(": " + std::string(row.field) + " ") != std::string::npos);
  }
}

TEST_CASE("the ends of what a limit may be are allowed") {
  for (const LimitPolicy& policy :
       {With([](auto&) {}), With([](auto& p) { p.name = std::string(40, 'z'); }),
        With([](auto& p) { p.limit = 1, p.window = std::chrono::milliseconds(1); }),
        With([](auto& p) { p.limit = 100'000, p.window = days(366); }),
        With([](auto& p) { p.limit = 64, p.algorithm = LimitAlgorithm::kIdleReset; }),
        With([](auto& p) { p.limit = p.burst = 1'000'000'000, p.algorithm = LimitAlgorithm::kGcra; })}) {
    CHECK(ValidateLimitPolicy(policy).ok());
  }
}

TEST_CASE("each scope is read by the name it is shown with") {
  for (int i = 0; LimitScope(i) <= LimitScope::kFailedAuth; ++i) {
    const auto scope = static_cast<LimitScope>(i);
    CHECK(ParseLimitScope(LimitScopeName(scope)) == scope);
  }
  CHECK_FALSE(ParseLimitScope("").has_value());
  CHECK_FALSE(ParseLimitScope("keys").has_value());
  CHECK(LimitScopeName(static_cast<LimitScope>(99)).empty());
}

}  // namespace
}  // namespace mcpgate
