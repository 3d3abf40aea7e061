#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include "mcpgate/rate_limiter.h"
#include "support/fake_clock.h"

namespace mcpgate {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::FakeClock;

// A limiter that counts its calls and can be out of reach.
class DurableDouble : public RateLimiter {
 public:
  explicit DurableDouble(const Clock& clock) : limiter_(NewLocalRateLimiter({.clock = &clock})) {}

  absl::StatusOr<LimitDecision> Take(std::span<const LimitCharge> charges, LimitReceipt* receipt) override {
    ++takes;
    if (out_of_reach) return absl::UnavailableError("locked");
    return limiter_->Take(charges, receipt);
  }
  absl::Status Return(const LimitReceipt& receipt) override {
    ++returns;
    return out_of_reach ? absl::UnavailableError("locked") : limiter_->Return(receipt);
  }
  absl::StatusOr<std::vector<LimitStanding>> Peek(std::span<const LimitCharge> charges) override {
    if (out_of_reach) return absl::UnavailableError("locked");
    return limiter_->Peek(charges);
  }

  bool out_of_reach = false;
  int takes = 0, returns = 0;

 private:
  const std::unique_ptr<RateLimiter> limiter_;
};

struct Tiers {
  const LimitPolicy near{.name = "near", .limit = 3, .window = minutes(1) - Nanos(1)};
  const LimitPolicy rate{
      .name = "rate", .algorithm = LimitAlgorithm::kGcra, .limit = 3, .window = seconds(9)};
  const LimitPolicy far{.name = "far", .limit = 2, .window = minutes(1)};
  FakeClock clock;
  const std::shared_ptr<RateLimiter> local = NewLocalRateLimiter({.clock = &clock});
  const std::shared_ptr<DurableDouble> durable = std::make_shared<DurableDouble>(clock);
  const std::unique_ptr<RateLimiter> tiered = NewTieredRateLimiter(local, durable);

  LimitDecision Take(const std::vector<LimitCharge>& charges, LimitReceipt* receipt = nullptr) {
    const auto decision = tiered->Take(charges, receipt);
    REQUIRE(decision.ok());
    return *decision;
  }
  std::vector<std::int64_t> Remaining(const std::vector<LimitCharge>& charges) {
    const auto standings = tiered->Peek(charges);
    REQUIRE(standings.ok());
    std::vector<std::int64_t> remaining;
    for (std::size_t i = 0; i < standings->size(); ++i) {
      CHECK((*standings)[i].policy == charges[i].policy);
      remaining.push_back((*standings)[i].remaining);
    }
    return remaining;
  }
};

using Counts = std::vector<std::int64_t>;

TEST_CASE("a window of a minute is durable, a nanosecond less is not") {
  Tiers tiers;
  tiers.Take({{&tiers.near, "p"}});
  CHECK(tiers.durable->takes == 0);
  tiers.Take({{&tiers.far, "p"}});
  CHECK(tiers.durable->takes == 1);
}

TEST_CASE("what is held at one time is counted in memory, however long it may be held") {
  Tiers tiers;
  const LimitPolicy held{
      .name = "held", .algorithm = LimitAlgorithm::kConcurrency, .limit = 1, .window = std::chrono::hours(1)};
  LimitReceipt receipt;
  CHECK(tiers.tiered->Take(std::vector<LimitCharge>{{&held, "p"}}, &receipt)->allowed);
  CHECK_FALSE(tiers.Take({{&held, "p"}}).allowed);
  CHECK(tiers.tiered->Return(receipt).ok());
  CHECK(tiers.Take({{&held, "p"}}).allowed);
  CHECK(tiers.durable->takes == 0);
}

TEST_CASE("a refusal by the durable side leaves the local side as it was") {
  Tiers tiers;
  const std::vector<LimitCharge> all = {{&tiers.far, "p"}, {&tiers.near, "p"}, {&tiers.rate, "p"}};
  CHECK(tiers.Take({{&tiers.far, "p", 2}}).allowed);
  for (int i = 0; i < 10; ++i) {
    const LimitDecision decision = tiers.Take(all);
    CHECK_FALSE(decision.allowed);
    CHECK(decision.policy == &tiers.far);
  }
  CHECK(tiers.Remaining(all) == Counts{0, 3, 3});
}

TEST_CASE("a durable side out of reach is a Status and leaves the local side as it was") {
  Tiers tiers;
  tiers.durable->out_of_reach = true;
  const std::vector<LimitCharge> all = {{&tiers.near, "p"}, {&tiers.far, "p"}, {&tiers.rate, "p"}};
  LimitReceipt receipt;
  for (int i = 0; i < 10; ++i) CHECK(absl::IsUnavailable(tiers.tiered->Take(all, &receipt).status()));
  CHECK(receipt.lines.empty());
  CHECK(absl::IsUnavailable(tiers.tiered->Peek(all).status()));
  tiers.durable->out_of_reach = false;
  CHECK(tiers.Remaining(all) == Counts{3, 2, 3});
}

TEST_CASE("what needs no durable answer does not wait for one") {
  Tiers tiers;
  tiers.durable->out_of_reach = true;
  CHECK(tiers.Take({{&tiers.near, "p"}}).allowed);
}

TEST_CASE("a refusal by the local side does not charge the durable side") {
  Tiers tiers;
  CHECK(tiers.Take({{&tiers.near, "p", 3}}).allowed);
  for (int i = 0; i < 10; ++i) {
    CHECK(tiers.Take({{&tiers.near, "p"}, {&tiers.far, "p"}}).policy == &tiers.near);
  }
  CHECK(tiers.durable->takes == 0);
  CHECK(tiers.Remaining({{&tiers.far, "p"}}) == Counts{2});
}

TEST_CASE("the retry time is exact when both sides refuse") {
  Tiers tiers;
  const std::vector<LimitCharge> both = {{&tiers.near, "p"}, {&tiers.far, "p"}};
  CHECK(tiers.Take({{&tiers.near, "p", 3}}).allowed);
  tiers.clock.Advance(seconds(30));
  CHECK(tiers.Take({{&tiers.far, "p", 2}}).allowed);
  const LimitDecision refused = tiers.Take(both);
  CHECK(refused.policy == &tiers.far);
  tiers.clock.Advance(refused.retry_after - Nanos(1));
  CHECK_FALSE(tiers.Take(both).allowed);
  tiers.clock.Advance(Nanos(1));
  CHECK(tiers.Take(both).allowed);
}

TEST_CASE("a local refusal stands when the durable side cannot say more") {
  Tiers tiers;
  CHECK(tiers.Take({{&tiers.near, "p", 3}}).allowed);
  tiers.durable->out_of_reach = true;
  CHECK(tiers.Take({{&tiers.near, "p"}, {&tiers.far, "p"}}).policy == &tiers.near);
}

TEST_CASE("one receipt gives back on both sides") {
  Tiers tiers;
  const std::vector<LimitCharge> both = {{&tiers.far, "p", 2}, {&tiers.near, "p", 3}};
  LimitReceipt receipt;
  CHECK(tiers.Take(both, &receipt).allowed);
  CHECK(receipt.lines.size() == 2);
  CHECK(tiers.Remaining(both) == Counts{0, 0});
  REQUIRE(tiers.tiered->Return(receipt).ok());
  CHECK(tiers.Remaining(both) == Counts{2, 3});
}

TEST_CASE("a durable side out of reach does not keep the local units") {
  Tiers tiers;
  const std::vector<LimitCharge> both = {{&tiers.near, "p"}, {&tiers.far, "p"}};
  LimitReceipt receipt;
  CHECK(tiers.Take(both, &receipt).allowed);
  tiers.durable->out_of_reach = true;
  CHECK(absl::IsUnavailable(tiers.tiered->Return(receipt)));
  CHECK(tiers.Remaining({{&tiers.near, "p"}}) == Counts{3});
}

TEST_CASE("the tightest limit of both sides is answered") {
  Tiers tiers;
  CHECK(tiers.Take({{&tiers.near, "p", 2}}).remaining == 1);
  CHECK(tiers.Take({{&tiers.near, "p"}, {&tiers.far, "p"}}).remaining == 0);
  CHECK(tiers.Take({{&tiers.near, "q"}, {&tiers.far, "q"}}).remaining == 1);
}

TEST_CASE("a mistake is a Status") {
  Tiers tiers;
  const std::vector<LimitCharge> none = {{nullptr, "p"}};
  CHECK(absl::IsInvalidArgument(tiers.tiered->Take(none, nullptr).status()));
  CHECK(absl::IsInvalidArgument(tiers.tiered->Peek(none).status()));
  CHECK(absl::IsInvalidArgument(tiers.tiered->Return({.lines = {{}}})));
}

}  // namespace
}  // namespace mcpgate
