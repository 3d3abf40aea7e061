// Limits too high to ask the store at each call: spent from leases, and never over.
#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "fixture.h"
#include "support/sanitized.h"

namespace mcpgate::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

struct Admission {
  std::int64_t at = 0;
  std::int64_t units = 0;
};

// The most units in any half-open window of the given length.
std::int64_t WorstWindow(const std::vector<Admission>& admissions, Nanos window) {
  std::int64_t worst = 0, inside = 0;
  std::size_t first = 0;
  for (const Admission& last : admissions) {
    inside += last.units;
    for (; admissions[first].at <= last.at - window.count(); ++first) inside -= admissions[first].units;
    worst = std::max(worst, inside);
  }
  return worst;
}

/// Two openings of one directory, as two processes that share a limit.
struct TwoProcesses {
  TwoProcesses() {
    for (int i = 0; i < 2; ++i) Reopen(i);
  }
  void Reopen(int which) {
    storages[which].reset();
    storages[which] = data.Open();
  }
  LimitDecision Take(int which, const LimitPolicy& policy, std::int64_t cost = 1,
                     LimitReceipt* receipt = nullptr) {
    const LimitCharge charge{.policy = &policy, .partition = "p", .cost = cost};
    auto decision = storages[which]->limiter()->Take({&charge, 1}, receipt);
    REQUIRE_MESSAGE(decision.ok(), decision.status().ToString());
    return *decision;
  }
  std::int64_t Remaining(int which, const LimitPolicy& policy) {
    const LimitCharge charge{.policy = &policy, .partition = "p"};
    const auto standing = storages[which]->limiter()->Peek({&charge, 1});
    REQUIRE(standing.ok());
    return standing->front().remaining;
  }
  std::int64_t Now() const { return data.clock.Now().time_since_epoch().count(); }

  DataDirectory data;
  std::unique_ptr<SqliteStorage> storages[2];
};

const std::vector<LimitPolicy>& Policies() {
  static const std::vector<LimitPolicy> policies = {
      {.name = "exact-100", .limit = 100, .window = minutes(1)},
      {.name = "exact-65", .limit = 65, .window = minutes(3)},
      {.name = "exact-5000", .limit = 5000, .window = minutes(2)},
      {.name = "gcra", .algorithm = LimitAlgorithm::kGcra, .limit = 120, .window = minutes(1), .burst = 40},
      {.name = "gcra-full", .algorithm = LimitAlgorithm::kGcra, .limit = 600, .window = minutes(1)},
      {.name = "gcra-low-burst",
       .algorithm = LimitAlgorithm::kGcra,
       .limit = 600,
       .window = minutes(1),
       .burst = 5}};
  return policies;
}

std::int64_t Bound(const LimitPolicy& policy) {
  if (policy.algorithm != LimitAlgorithm::kGcra) return policy.limit;
  return (policy.burst > 0 ? policy.burst : policy.limit) + policy.limit;
}

// A history of calls in turns of rush and rest, with failed calls that give back and with restarts.
class History {
 public:
  History(TwoProcesses& processes, const LimitPolicy& policy, std::uint64_t seed)
      : processes_(processes), policy_(policy), random_(seed) {}

  std::vector<Admission> Run(int steps) {
    for (int step = 0; step < steps; ++step) {
      Step();
      if (Below(400) == 0) processes_.Reopen(static_cast<int>(Below(2)));
      Advance(step);
    }
    return admitted_;
  }

 private:
  void Step() {
    LimitReceipt receipt;
    const int which = static_cast<int>(Below(2));
    const auto cost = static_cast<std::int64_t>(Below(20) == 0 ? 2 + Below(7) : 1);
    if (!processes_.Take(which, policy_, cost, &receipt).allowed) return;
    if (Below(10) == 0) {
      REQUIRE(processes_.storages[which]->limiter()->Return(receipt).ok());
    } else {
      admitted_.push_back({.at = processes_.Now(), .units = cost});
    }
  }
  void Advance(int step) {
    const std::int64_t mean = policy_.window.count() / policy_.limit;
    const bool rush = step % 500 < 300;
    processes_.data.clock.Advance(Nanos(static_cast<std::int64_t>(Below(rush ? mean / 3 + 1 : 4 * mean))));
    if (Below(700) == 0) processes_.data.clock.Advance(policy_.window - milliseconds(Below(2000)));
  }
  std::uint64_t Below(std::int64_t bound) { return random_() % static_cast<std::uint64_t>(bound); }

  TwoProcesses& processes_;
  const LimitPolicy& policy_;
  std::mt19937_64 random_;
  std::vector<Admission> admitted_;
};

TEST_CASE("no window of any leased limit ever holds more than its bound, over two processes") {
  for (const LimitPolicy& policy : Policies()) {
    CAPTURE(policy.name);
    for (std::uint64_t seed = 1; seed <= (testing::kSanitized ? 1u : 3u); ++seed) {
      TwoProcesses processes;
      const std::vector<Admission> admitted = History(processes, policy, seed).Run(3000);
      CHECK(WorstWindow(admitted, policy.window) <= Bound(policy));
      CHECK(admitted.size() > 300);  // and it is not shut either
    }
  }
}

TEST_CASE("the whole of a leased limit can be used, and then it says when there is more") {
  TwoProcesses processes;
  const LimitPolicy& policy = Policies()[0];
  int allowed = 0;
  for (int i = 0; i < 50; ++i) allowed += processes.Take(0, policy).allowed;
  while (processes.Take(1, policy).allowed) ++allowed;
  while (processes.Take(0, policy).allowed) ++allowed;  // what it had leased and not spent
  CHECK(allowed == 100);
  const LimitDecision refused = processes.Take(0, policy);
  CHECK(refused.policy == &policy);
  CHECK(refused.retry_after > seconds(60));
  CHECK(refused.retry_after <= seconds(62));
  processes.data.clock.Advance(refused.retry_after - Nanos(1));
  CHECK_FALSE(processes.Take(0, policy).allowed);
  processes.data.clock.Advance(Nanos(1));
  CHECK(processes.Take(0, policy).allowed);
}

TEST_CASE("what a lease did not spend is given back: by the next one, or at closing") {
  TwoProcesses processes;
  const LimitPolicy& policy = Policies()[0];
  REQUIRE(processes.Take(0, policy).allowed);
  CHECK(processes.Remaining(0, policy) == 99);
  CHECK(processes.Remaining(1, policy) == 94);  // a lease is a sixteenth of the limit
  SUBCASE("at closing") {
    processes.Reopen(0);
    CHECK(processes.Remaining(1, policy) == 99);
  }
  SUBCASE("with the next lease") {
    processes.data.clock.Advance(seconds(2));
    REQUIRE(processes.Take(0, policy).allowed);
    CHECK(processes.Remaining(0, policy) == 98);
    CHECK(processes.Remaining(1, policy) == 93);
  }
}

TEST_CASE("a leased unit that was given back can be taken again, in this process or another") {
  TwoProcesses processes;
  const LimitPolicy& policy = Policies()[0];
  LimitReceipt receipt;
  REQUIRE(processes.Take(0, policy, 90, &receipt).allowed);
  SUBCASE("at once") {
    REQUIRE(processes.storages[0]->limiter()->Return(receipt).ok());
    CHECK(processes.Take(0, policy, 90).allowed);
  }
  SUBCASE("once its lease is over, by anybody") {
    processes.data.clock.Advance(seconds(5));
    REQUIRE(processes.storages[0]->limiter()->Return(receipt).ok());
    CHECK(processes.Take(1, policy, 90).allowed);
  }
}

TEST_CASE("a lease is not spent after the wall clock was set back") {
  TwoProcesses processes;
  const LimitPolicy& policy = Policies()[0];
  REQUIRE(processes.Take(0, policy).allowed);
  CHECK(processes.Take(0, policy).remaining == 98);
  processes.data.clock.SetWall(processes.data.clock.Now() - minutes(10));
  REQUIRE(processes.Take(0, policy).allowed);
  CHECK(processes.Remaining(1, policy) == 88);  // charged anew, and the old one is not forgotten either
}

TEST_CASE("a clock that was set back holds a full limit shut for one window, not longer") {
  TwoProcesses processes;
  const LimitPolicy posting = PostingLimit();
  for (int i = 0; i < 5; ++i) REQUIRE(processes.Take(0, posting).allowed);
  processes.data.clock.SetWall(processes.data.clock.Now() - std::chrono::days(30));
  CHECK(processes.Take(1, posting).retry_after == std::chrono::hours(1) + Nanos(1));
  processes.data.clock.Advance(std::chrono::hours(1) + Nanos(1));
  CHECK(processes.Take(1, posting).allowed);
}

TEST_CASE("a leased and a per-call limit are charged together or not at all") {
  TwoProcesses processes;
  const LimitPolicy& leased = Policies()[0];
  const LimitPolicy posting = PostingLimit();
  const std::vector<LimitCharge> both = {{&leased, "p"}, {&posting, "p"}};
  for (int i = 0; i < 20; ++i) {
    const auto decision = processes.storages[i % 2]->limiter()->Take(both, nullptr);
    REQUIRE(decision.ok());
    CHECK(decision->allowed == (i < 5));
    if (i >= 5) CHECK(decision->policy == &posting);
  }
  CHECK(processes.Remaining(0, posting) == 0);
  processes.Reopen(0);
  processes.Reopen(1);
  CHECK(processes.Remaining(0, leased) == 95);
}

TEST_CASE("what is held at one time is refused by the store, which cannot see a holder die") {
  DataDirectory directory;
  const auto storage = directory.Open();
  const LimitPolicy held{.name = "held",
                         .algorithm = LimitAlgorithm::kConcurrency,
                         .limit = 2,
                         .window = std::chrono::minutes(5)};
  const LimitCharge charge{.policy = &held, .partition = "p"};
  const absl::Status refused = storage->limiter()->Take({&charge, 1}, nullptr).status();
  CHECK(absl::IsInvalidArgument(refused));
  CHECK(refused.message().find("limit 'held': concurrency is counted in memory") != std::string::npos);
}

TEST_CASE("a limit that is changed keeps what was counted") {
  TwoProcesses processes;
  LimitPolicy policy{.name = "changing", .limit = 10, .window = minutes(10)};
  for (int i = 0; i < 10; ++i) REQUIRE(processes.Take(0, policy).allowed);
  SUBCASE("lowered") {
    policy.limit = 5;
    CHECK_FALSE(processes.Take(1, policy).allowed);
  }
  SUBCASE("raised") {
    policy.limit = 12;
    CHECK(processes.Take(1, policy).allowed);
    CHECK(processes.Take(1, policy).allowed);
    CHECK_FALSE(processes.Take(1, policy).allowed);
  }
  SUBCASE("raised so far that it is leased") {
    policy.limit = 70;
    CHECK(processes.Remaining(1, policy) == 60);
    CHECK_FALSE(processes.Take(1, policy, 61).allowed);
    CHECK(processes.Take(1, policy, 60).allowed);
  }
  SUBCASE("to another algorithm") {
    policy.algorithm = LimitAlgorithm::kIdleReset;
    CHECK_FALSE(processes.Take(1, policy).allowed);
    policy.algorithm = LimitAlgorithm::kGcra;
    CHECK_FALSE(processes.Take(1, policy).allowed);
    policy.algorithm = LimitAlgorithm::kExact;
    CHECK_FALSE(processes.Take(1, policy).allowed);
  }
}

TEST_CASE("counters that are fresh again are swept away") {
  TwoProcesses processes;
  const LimitPolicy policy{.name = "many", .limit = 5, .window = minutes(1)};
  for (int i = 0; i < 600; ++i) {
    const std::string partition = "p" + std::to_string(i);
    const LimitCharge charge{.policy = &policy, .partition = partition};
    REQUIRE(processes.storages[0]->limiter()->Take({&charge, 1}, nullptr).ok());
    processes.data.clock.Advance(seconds(2));
  }
  const std::string rows =
      RawDatabase(processes.data.File("gate.db")).Answer("SELECT count(*)||'' FROM limits");
  CHECK(std::stoi(rows) < 300);
}

}  // namespace
}  // namespace mcpgate::testing
