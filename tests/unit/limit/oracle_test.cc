#include "unit/limit/oracle.h"

#include <doctest/doctest.h>

#include <chrono>
#include <random>
#include <string>
#include <vector>

#include "mcpgate/limit_rules.h"

namespace mcpgate {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using testing::kNever;
using testing::Wide;

// Windows that limits do and do not divide, limits of one, bursts below and above the limit, and a rate of
// several units a nanosecond.
const std::vector<LimitPolicy>& Policies() {
  static const std::vector<LimitPolicy> policies = {
      {.name = "exact-1", .algorithm = LimitAlgorithm::kExact, .limit = 1, .window = milliseconds(1)},
      {.name = "exact-5", .algorithm = LimitAlgorithm::kExact, .limit = 5, .window = hours(1)},
      {.name = "exact-7", .algorithm = LimitAlgorithm::kExact, .limit = 7, .window = Nanos(1'000'003)},
      {.name = "exact-64", .algorithm = LimitAlgorithm::kExact, .limit = 64, .window = minutes(1)},
      {.name = "exact-150", .algorithm = LimitAlgorithm::kExact, .limit = 150, .window = milliseconds(2)},
      {.name = "idle-1", .algorithm = LimitAlgorithm::kIdleReset, .limit = 1, .window = milliseconds(1)},
      {.name = "idle-5", .algorithm = LimitAlgorithm::kIdleReset, .limit = 5, .window = hours(1)},
      {.name = "idle-64", .algorithm = LimitAlgorithm::kIdleReset, .limit = 64, .window = Nanos(1'000'003)},
      {.name = "held-8", .algorithm = LimitAlgorithm::kConcurrency, .limit = 8, .window = milliseconds(7)},
      {.name = "seg-1", .algorithm = LimitAlgorithm::kSegmented, .limit = 1, .window = milliseconds(1)},
      {.name = "seg-5", .algorithm = LimitAlgorithm::kSegmented, .limit = 5, .window = hours(1)},
      {.name = "seg-7", .algorithm = LimitAlgorithm::kSegmented, .limit = 7, .window = Nanos(1'000'003)},
      {.name = "seg-150", .algorithm = LimitAlgorithm::kSegmented, .limit = 150, .window = minutes(1)},
      {.name = "gcra-1", .algorithm = LimitAlgorithm::kGcra, .limit = 1, .window = milliseconds(1)},
      {.name = "gcra-5", .algorithm = LimitAlgorithm::kGcra, .limit = 5, .window = hours(1)},
      {.name = "gcra-7-of-prime", .algorithm = LimitAlgorithm::kGcra, .limit = 7, .window = Nanos(1'000'003)},
      {.name = "gcra-3-burst-1",
       .algorithm = LimitAlgorithm::kGcra,
       .limit = 3,
       .window = milliseconds(1),
       .burst = 1},
      {.name = "gcra-3-burst-20",
       .algorithm = LimitAlgorithm::kGcra,
       .limit = 3,
       .window = minutes(1),
       .burst = 20},
      {.name = "gcra-fast",
       .algorithm = LimitAlgorithm::kGcra,
       .limit = 7'000'003,
       .window = milliseconds(1),
       .burst = 9},
      {.name = "gcra-month",
       .algorithm = LimitAlgorithm::kGcra,
       .limit = 13,
       .window = std::chrono::days(30),
       .burst = 40}};
  return policies;
}

std::int64_t Capacity(const LimitPolicy& policy) { return policy.burst > 0 ? policy.burst : policy.limit; }

struct Admitted {
  std::int64_t at = 0;  // physical time
  std::int64_t cost = 0;
  std::int64_t token = 0;
  bool returned = false;
};

// Drives the rules and the oracle side by side and counts where they differ.
class Duel {
 public:
  Duel(const LimitPolicy& policy, std::uint64_t seed)
      : policy_(policy), oracle_(testing::OracleOf(policy)), random_(seed) {}

  void Step() {
    Ask(PickCost());
    physical_ += PickDelay();
  }
  void ReturnOne() {
    if (admitted_.empty()) return;
    // Mostly a recent one, while it still counts.
    const std::size_t back =
        1 + Below(Below(4) == 0 ? admitted_.size() : std::min<std::size_t>(4, admitted_.size()));
    Admitted& ticket = admitted_[admitted_.size() - back];
    if (ticket.returned || ticket.at < set_back_at_) return;
    ReturnLimit(policy_, cell_, Now(), ticket.cost, ticket.token);
    oracle_->Return(Now(), static_cast<int>(admitted_.size() - back));
    ticket.returned = true;
  }
  void SetClockBack() {
    const std::int64_t window = policy_.window.count();
    offset_ += static_cast<std::int64_t>(Below(3) == 0 ? Below(5 * window) : Below(1 + window / 3));
    set_back_at_ = physical_ + 1;
  }

  int disagreements() const { return disagreements_; }
  const std::string& first() const { return first_; }
  int refused() const { return refused_; }
  const std::vector<Admitted>& admitted() const { return admitted_; }

 private:
  std::int64_t Now() const { return physical_ - offset_; }
  std::uint64_t Below(std::uint64_t bound) { return random_() % bound; }

  std::int64_t PickCost() {
    if (Below(3) != 0) return 1;
    return static_cast<std::int64_t>(Below(8) == 0 ? Below(Capacity(policy_) + 3)
                                                   : 1 + Below(2 + Capacity(policy_) / 8));
  }

  // Bursts at one instant, single nanoseconds, the steady rate, the edges of windows, long pauses.
  std::int64_t PickDelay() {
    const std::int64_t window = policy_.window.count();
    const std::int64_t gap = std::max<std::int64_t>(window / policy_.limit, 1);
    const auto jitter = static_cast<std::int64_t>(Below(3)) - 1;
    switch (Below(9)) {
      case 0:
      case 1:
        return 0;
      case 2:
        return 1;
      case 3:
        return static_cast<std::int64_t>(Below(gap + 1));
      case 4:
        return std::max<std::int64_t>(gap + jitter, 0);
      case 5:
        return std::max<std::int64_t>(UntilEdge() + jitter, 0);
      case 6:
        return wait_ > 0 && wait_ < kNever ? std::max<std::int64_t>(wait_ + jitter, 0) : 0;
      case 7:
        return static_cast<std::int64_t>(Below(window));
      default:
        return Below(6) == 0 ? static_cast<std::int64_t>(Below(3 * window)) : 0;
    }
  }

  // Until one of the last admissions is exactly one window old.
  std::int64_t UntilEdge() {
    if (admitted_.empty()) return 0;
    const std::size_t back = 1 + Below(std::min<std::size_t>(admitted_.size(), 8));
    return admitted_[admitted_.size() - back].at + policy_.window.count() - physical_;
  }

  void Ask(std::int64_t cost) {
    const std::int64_t now = Now();
    RewindLimit(policy_, cell_, now);
    oracle_->Look(now);
    const bool expected = oracle_->Fits(now, cost);
    const std::int64_t remaining = oracle_->Remaining(now);
    const LimitVerdict verdict = JudgeLimit(policy_, cell_, now, cost);
    const LimitStanding standing = StandingOf(policy_, cell_, now);
    wait_ = expected ? 0 : oracle_->RetryAfter(now, cost);
    Expect(verdict.allowed == expected, "decision");
    Expect(verdict.retry_after.count() == wait_, "retry time");
    Expect(verdict.remaining == remaining - (expected ? cost : 0) || wait_ == kNever, "remaining");
    Expect(standing.remaining == remaining, "standing");
    Expect(standing.full_again.count() == oracle_->FullAgain(now), "full again");
    if (!verdict.allowed && wait_ != kNever) {
      Expect(JudgeLimit(policy_, cell_, now + wait_, cost).allowed, "admitted after the wait");
      Expect(!JudgeLimit(policy_, cell_, now + wait_ - 1, cost).allowed, "refused before");
    }
    refused_ += expected ? 0 : 1;
    if (!expected || !verdict.allowed) return;
    oracle_->Charge(now, cost, static_cast<int>(admitted_.size()));
    admitted_.push_back({.at = physical_, .cost = cost, .token = ChargeLimit(policy_, cell_, now, cost)});
    Expect(StandingOf(policy_, cell_, now).remaining == verdict.remaining, "standing after the charge");
  }

  void Expect(bool holds, const char* what) {
    if (holds) return;
    if (disagreements_++ == 0) first_ = std::string(what) + " after " + std::to_string(admitted_.size());
  }

  const LimitPolicy& policy_;
  const std::unique_ptr<testing::LimitOracle> oracle_;
  std::mt19937_64 random_;
  LimitCell cell_;
  std::int64_t physical_ = 1'767'225'600'000'000'000, offset_ = 0, set_back_at_ = 0;
  std::int64_t wait_ = 0;
  int disagreements_ = 0, refused_ = 0;
  std::string first_;
  std::vector<Admitted> admitted_;
};

std::vector<std::int64_t> HappenedUnits(const std::vector<Admitted>& admitted) {
  std::vector<std::int64_t> times;
  for (const Admitted& call : admitted) {
    if (!call.returned) times.insert(times.end(), static_cast<std::size_t>(call.cost), call.at);
  }
  return times;
}

// The most units in any half-open interval of one window.
std::int64_t MostInAWindow(const std::vector<std::int64_t>& times, std::int64_t window) {
  std::size_t most = 0, from = 0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    while (times[from] <= times[i] - window) ++from;
    most = std::max(most, i - from + 1);
  }
  return static_cast<std::int64_t>(most);
}

// Whether between any two units, both counted, there are at most burst + elapsed * limit / window.
bool KeepsRate(const std::vector<std::int64_t>& times, const LimitPolicy& policy) {
  const Wide window = policy.window.count();
  Wide least = 0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const Wide now = Wide(i) * window - (Wide(times[i]) - times[0]) * policy.limit;
    least = i == 0 ? now : std::min(least, now);
    if (now - least + window > Wide(Capacity(policy)) * window) return false;
  }
  return true;
}

bool KeepsBound(const Duel& duel, const LimitPolicy& policy) {
  const std::vector<std::int64_t> times = HappenedUnits(duel.admitted());
  if (policy.algorithm == LimitAlgorithm::kGcra) return KeepsRate(times, policy);
  return MostInAWindow(times, policy.window.count()) <= policy.limit;
}

// A long exact log keeps some marks that have expired, and these count again when the clock is set back.
bool KeepsExpiredMarks(const LimitPolicy& policy) {
  return policy.algorithm == LimitAlgorithm::kExact && policy.limit > 32;
}

void Fight(void (*act)(Duel&, std::uint64_t), bool sets_clock_back = false) {
  constexpr int kSteps = 2000;
  for (const LimitPolicy& policy : Policies()) {
    if (sets_clock_back && KeepsExpiredMarks(policy)) continue;
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
      Duel duel(policy, seed);
      std::mt19937_64 random(seed + 1000);
      for (int step = 0; step < kSteps; ++step) {
        act(duel, random());
        duel.Step();
      }
      CAPTURE(policy.name);
      CAPTURE(seed);
      CAPTURE(duel.first());
      CHECK(duel.disagreements() == 0);
      CHECK(duel.admitted().size() > 100);
      CHECK(duel.refused() > 25);
      CHECK(KeepsBound(duel, policy));
    }
  }
}

TEST_CASE("decisions and times agree with the oracle over hostile arrivals, and bounds hold") {
  Fight([](Duel&, std::uint64_t) {});
}

TEST_CASE("the same with units given back: what happened keeps the bound") {
  Fight([](Duel& duel, std::uint64_t random) {
    if (random % 4 == 0) duel.ReturnOne();
  });
}

TEST_CASE("the same with a clock set back: the bound holds in true time") {
  Fight(
      [](Duel& duel, std::uint64_t random) {
        if (random % 50 == 0) duel.SetClockBack();
      },
      true);
}

TEST_CASE("the same with both") {
  Fight(
      [](Duel& duel, std::uint64_t random) {
        if (random % 4 == 1) duel.ReturnOne();
        if (random % 50 == 0) duel.SetClockBack();
      },
      true);
}

}  // namespace
}  // namespace mcpgate
