#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "mcpgate/limit_rules.h"

namespace mcpgate {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr LimitAlgorithm kAlgorithms[] = {LimitAlgorithm::kExact, LimitAlgorithm::kGcra,
                                          LimitAlgorithm::kIdleReset, LimitAlgorithm::kSegmented,
                                          LimitAlgorithm::kConcurrency};

// How much longer than a window a unit may count.
Nanos Grace(const LimitPolicy& policy) {
  return policy.algorithm == LimitAlgorithm::kSegmented ? policy.window / 64 + Nanos(1) : Nanos(1);
}

TEST_CASE("each algorithm has its name") {
  CHECK(LimitAlgorithmName(LimitAlgorithm::kExact) == "exact");
  CHECK(LimitAlgorithmName(LimitAlgorithm::kGcra) == "gcra");
  CHECK(LimitAlgorithmName(LimitAlgorithm::kIdleReset) == "idle_reset");
  CHECK(LimitAlgorithmName(LimitAlgorithm::kSegmented) == "segmented");
  CHECK(LimitAlgorithmName(LimitAlgorithm::kConcurrency) == "concurrency");
  CHECK(LimitAlgorithmName(static_cast<LimitAlgorithm>(99)) == "unknown");
}

TEST_CASE("the shipped posting limit is five an hour, and slow callers never reset it") {
  const LimitPolicy policy = PostingLimit();
  CHECK(ValidateLimitPolicy(policy).ok());
  LimitCell cell;
  std::int64_t now = 0;
  for (int post = 0; post < 5; ++post) {
    now += Nanos(hours(1)).count();  // one every hour, to the nanosecond, is not an hour idle
    REQUIRE(JudgeLimit(policy, cell, now, 1).allowed);
    ChargeLimit(policy, cell, now, 1);
  }
  const LimitVerdict verdict = JudgeLimit(policy, cell, now + 10, 1);
  CHECK_FALSE(verdict.allowed);
  CHECK(verdict.retry_after == hours(1) + Nanos(1 - 10));
}

TEST_CASE("more than the limit is never admitted, and that is said") {
  for (const LimitAlgorithm algorithm : kAlgorithms) {
    const LimitPolicy policy{.name = "p", .algorithm = algorithm, .limit = 3, .window = seconds(1)};
    CHECK(JudgeLimit(policy, {}, 0, 3).allowed);
    for (const std::int64_t cost : {std::int64_t{4}, std::numeric_limits<std::int64_t>::max()}) {
      const LimitVerdict verdict = JudgeLimit(policy, {}, 0, cost);
      CHECK_FALSE(verdict.allowed);
      CHECK(verdict.retry_after == Nanos::max());
    }
  }
}

TEST_CASE("a policy that was never validated admits nothing") {
  for (const LimitAlgorithm algorithm : kAlgorithms) {
    for (const auto& [limit, window] : std::vector<std::pair<std::int64_t, Nanos>>{
             {0, seconds(1)}, {-1, seconds(1)}, {1, Nanos(0)}, {1, Nanos(-1)}}) {
      LimitCell cell;
      const LimitPolicy policy{.name = "p", .algorithm = algorithm, .limit = limit, .window = window};
      CHECK_FALSE(JudgeLimit(policy, cell, 0, 1).allowed);
      ChargeLimit(policy, cell, 0, 1);
      ReturnLimit(policy, cell, 0, 1, 0);
      CHECK_FALSE(RewindLimit(policy, cell, 0));
      CHECK(StandingOf(policy, cell, 0).remaining == 0);
    }
  }
  const LimitPolicy odd{.algorithm = static_cast<LimitAlgorithm>(9), .limit = 1, .window = seconds(1)};
  CHECK_FALSE(JudgeLimit(odd, {}, 0, 1).allowed);
}

TEST_CASE("a negative cost counts as none") {
  for (const LimitAlgorithm algorithm : kAlgorithms) {
    const LimitPolicy policy{.name = "p", .algorithm = algorithm, .limit = 2, .window = seconds(1)};
    LimitCell cell;
    ChargeLimit(policy, cell, 0, 2);
    ChargeLimit(policy, cell, 0, -5);
    CHECK_FALSE(JudgeLimit(policy, cell, 0, 1).allowed);
  }
}

TEST_CASE("a limit that was lowered holds at once, one that was raised too") {
  for (const LimitAlgorithm algorithm : kAlgorithms) {
    LimitPolicy policy{.name = "p", .algorithm = algorithm, .limit = 10, .window = seconds(10)};
    LimitCell cell;
    ChargeLimit(policy, cell, 0, 6);
    policy.limit = 2;
    const LimitVerdict verdict = JudgeLimit(policy, cell, 1, 1);
    CHECK_FALSE(verdict.allowed);
    CHECK(verdict.remaining == 0);
    CHECK(StandingOf(policy, cell, 1).remaining == 0);
    CHECK_FALSE(JudgeLimit(policy, cell, verdict.retry_after.count(), 1).allowed);
    CHECK(JudgeLimit(policy, cell, verdict.retry_after.count() + 1, 1).allowed);
    policy.limit = 30;
    CHECK(JudgeLimit(policy, cell, 1, 10).allowed);
  }
}

TEST_CASE("marks from any store, however wrong, neither trap nor admit for ever") {
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min(),
                         kMax = std::numeric_limits<std::int64_t>::max();
  for (const LimitAlgorithm algorithm : kAlgorithms) {
    const LimitPolicy policy{.name = "p", .algorithm = algorithm, .limit = 3, .window = days(366)};
    for (const std::vector<std::int64_t>& marks : std::vector<std::vector<std::int64_t>>{
             {kMax}, {kMin}, {kMin, kMax}, {kMax, kMax}, {0, kMin}, {kMin, kMin, kMin, kMin}}) {
      LimitCell cell{marks};
      const std::int64_t now = 1'767'225'600'000'000'000;
      const LimitVerdict verdict = JudgeLimit(policy, cell, now, 3);
      CHECK(verdict.retry_after >= Nanos(0));
      RewindLimit(policy, cell, now);
      CHECK(StandingOf(policy, cell, now).full_again <= policy.window + Grace(policy));
      ChargeLimit(policy, cell, now, 1);
      ReturnLimit(policy, cell, now, 1, kMin);
      ReturnLimit(policy, cell, now, 1, kMax);
      CHECK_FALSE(JudgeLimit(policy, cell, now, 3).allowed);
    }
  }
}

TEST_CASE("a clock set back by any time blocks for one window and no longer") {
  const std::int64_t late = Nanos(days(9)).count(), early = Nanos(days(1)).count();
  for (const LimitAlgorithm algorithm : kAlgorithms) {
    const LimitPolicy policy{.name = "p", .algorithm = algorithm, .limit = 4, .window = hours(1)};
    LimitCell cell;
    ChargeLimit(policy, cell, late, 4);
    CHECK(RewindLimit(policy, cell, early));
    CHECK_FALSE(RewindLimit(policy, cell, early));
    const LimitVerdict verdict = JudgeLimit(policy, cell, early, 4);
    CHECK_FALSE(verdict.allowed);
    CHECK(verdict.retry_after <= policy.window + Grace(policy));
    CHECK(JudgeLimit(policy, cell, early + verdict.retry_after.count(), 4).allowed);
  }
}

// Two units given back while a third is in the queue behind them: had each been taken off by its place in the
// queue, the third would be half forgotten.
TEST_CASE("gcra gives back no more than is owed when earlier units were given back before") {
  const LimitPolicy policy{
      .name = "p", .algorithm = LimitAlgorithm::kGcra, .limit = 1, .window = seconds(10), .burst = 2};
  const auto at = [](int second) { return Nanos(seconds(second)).count(); };
  LimitCell cell;
  const std::int64_t first = ChargeLimit(policy, cell, at(0), 1),
                     second = ChargeLimit(policy, cell, at(0), 1);
  ReturnLimit(policy, cell, at(5), 1, first);
  REQUIRE(JudgeLimit(policy, cell, at(12), 1).allowed);
  ChargeLimit(policy, cell, at(12), 1);
  ReturnLimit(policy, cell, at(12), 1, second);
  // What happened is one unit at 12. With one more at 15 the burst is spent until 22.
  REQUIRE(JudgeLimit(policy, cell, at(15), 1).allowed);
  ChargeLimit(policy, cell, at(15), 1);
  CHECK_FALSE(JudgeLimit(policy, cell, at(20), 1).allowed);
}

TEST_CASE("gcra does not drift over millions of units of a fraction of a nanosecond") {
  const LimitPolicy policy{.name = "p",
                           .algorithm = LimitAlgorithm::kGcra,
                           .limit = 3'000'001,
                           .window = milliseconds(1),
                           .burst = 10};
  LimitCell cell;
  std::int64_t units = 0;
  for (std::int64_t now = 0; now < 1'000'000; now += 3) {
    while (JudgeLimit(policy, cell, now, 1).allowed) {
      ChargeLimit(policy, cell, now, 1);
      ++units;
    }
  }
  // The burst, and what flowed in by the last moment looked at, 999,999 ns: 2,999,997 units and a rest.
  CHECK(units == 10 + 2'999'997);
}

TEST_CASE("segmented refuses early by at most one cell, and takes the memory of one window's cells") {
  const LimitPolicy policy{
      .name = "p", .algorithm = LimitAlgorithm::kSegmented, .limit = 1000, .window = seconds(60)};
  const std::int64_t longer = policy.window.count() + policy.window.count() / 64 + 1;
  std::mt19937_64 random(5);
  LimitCell cell;
  std::vector<std::pair<std::int64_t, std::int64_t>> admitted;
  std::size_t longest = 0;
  int refused = 0, too_early = 0;
  std::int64_t now = 1'767'225'600'000'000'000;
  for (int i = 0; i < 20'000; ++i, now += static_cast<std::int64_t>(random() % 400'000'000)) {
    const auto cost = static_cast<std::int64_t>(1 + random() % 8);
    if (JudgeLimit(policy, cell, now, cost).allowed) {
      ChargeLimit(policy, cell, now, cost);
      admitted.emplace_back(now, cost);
    } else {
      std::int64_t in_longer = 0;
      for (auto it = admitted.rbegin(); it != admitted.rend() && it->first > now - longer; ++it)
        in_longer += it->second;
      ++refused;
      too_early += in_longer + cost <= policy.limit ? 1 : 0;
    }
    longest = std::max(longest, cell.marks.size());
  }
  CHECK(refused > 1000);
  CHECK(too_early == 0);
  CHECK(longest <= 2 * 66);
}

TEST_CASE("segmented keeps counting when its window is changed to and fro") {
  LimitPolicy policy{.name = "p", .algorithm = LimitAlgorithm::kSegmented, .limit = 1'000'000};
  LimitCell cell;
  std::mt19937_64 random(6);
  std::int64_t now = 1'767'225'600'000'000'000, charged = 0;
  std::size_t longest = 0;
  for (int i = 0; i < 5000; ++i, now += static_cast<std::int64_t>(random() % 1'000'000)) {
    policy.window = hours(1) + milliseconds(random() % 1'000'000);  // all that is charged stays in the window
    ChargeLimit(policy, cell, now, 1);
    ++charged;
    REQUIRE(StandingOf(policy, cell, now).remaining == policy.limit - charged);
    longest = std::max(longest, cell.marks.size());
  }
  CHECK(longest <= 2 * 66);
}

TEST_CASE("what is held is free again when it is given back, or is a window old") {
  const LimitPolicy policy{
      .name = "p", .algorithm = LimitAlgorithm::kConcurrency, .limit = 2, .window = seconds(30)};
  const std::int64_t later = Nanos(seconds(10)).count(), lost = Nanos(seconds(30)).count();
  LimitCell cell;
  const std::int64_t first = ChargeLimit(policy, cell, 0, 1);
  ChargeLimit(policy, cell, later, 1);
  CHECK_FALSE(JudgeLimit(policy, cell, later, 1).allowed);
  ReturnLimit(policy, cell, later, 1, first);
  CHECK(JudgeLimit(policy, cell, later, 1).allowed);
  ChargeLimit(policy, cell, later, 1);
  CHECK_FALSE(JudgeLimit(policy, cell, later + lost - 1, 1).allowed);
  CHECK(JudgeLimit(policy, cell, later + lost, 2).allowed);
}

TEST_CASE("a long exact log forgets in the end what has expired") {
  const LimitPolicy policy{.name = "p", .limit = 1000, .window = milliseconds(1)};
  LimitCell cell;
  std::size_t longest = 0;
  for (std::int64_t now = 0; now < 20'000'000; now += 1000) {
    REQUIRE(JudgeLimit(policy, cell, now, 1).allowed);
    ChargeLimit(policy, cell, now, 1);
    longest = std::max(longest, cell.marks.size());
  }
  CHECK(longest <= 2001);
}

}  // namespace
}  // namespace mcpgate
