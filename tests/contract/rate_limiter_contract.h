// What every RateLimiter promises, for limits of up to 64 units in windows of a minute and more (a durable
// limiter may decide larger ones from leases). Call it in a TEST_CASE of the implementation.
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "mcpgate/limit_rules.h"
#include "mcpgate/rate_limiter.h"
#include "support/fake_clock.h"

namespace mcpgate::testing {

/// Two handles on the same, still fresh counters: two openings of one database, or twice the same object.
struct RateLimiters {
  std::shared_ptr<RateLimiter> first, second;
};
/// `clock` outlives the limiters.
using RateLimiterFactory = std::function<RateLimiters(const Clock& clock)>;

namespace rate_limiter_contract {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

inline const std::vector<LimitPolicy>& Policies() {
  static const std::vector<LimitPolicy> policies = {
      {.name = "exact", .algorithm = LimitAlgorithm::kExact, .limit = 5, .window = minutes(2)},
      {.name = "gcra", .algorithm = LimitAlgorithm::kGcra, .limit = 7, .window = hours(1), .burst = 3},
      {.name = "idle", .algorithm = LimitAlgorithm::kIdleReset, .limit = 4, .window = hours(1)},
      {.name = "cells", .algorithm = LimitAlgorithm::kSegmented, .limit = 6, .window = minutes(3)}};
  return policies;
}

inline std::int64_t Capacity(const LimitPolicy& policy) {
  return policy.burst > 0 ? policy.burst : policy.limit;
}

struct Fixture {
  explicit Fixture(const RateLimiterFactory& make) : limiters(make(clock)) {}

  LimitDecision Take(std::vector<LimitCharge> charges, LimitReceipt* receipt = nullptr) {
    auto decision = limiters.first->Take(charges, receipt);
    REQUIRE(decision.ok());
    std::swap(limiters.first, limiters.second);  // so that every test goes through both handles
    return *decision;
  }
  void Return(const LimitReceipt& receipt) {
    REQUIRE(limiters.first->Return(receipt).ok());
    std::swap(limiters.first, limiters.second);
  }
  std::int64_t Remaining(const LimitPolicy& policy, std::string_view partition) {
    const LimitCharge charge{.policy = &policy, .partition = partition};
    auto standings = limiters.first->Peek({&charge, 1});
    REQUIRE(standings.ok());
    REQUIRE(standings->size() == 1);
    CHECK(standings->front().policy == &policy);
    return standings->front().remaining;
  }

  FakeClock clock;
  RateLimiters limiters;
};

inline void Deciding(Fixture& fixture, const LimitPolicy& policy) {
  const std::int64_t capacity = Capacity(policy);
  for (std::int64_t left = capacity - 1; left >= 0; --left) {
    const LimitDecision decision = fixture.Take({{&policy, "p"}});
    CHECK(decision.allowed);
    CHECK(decision.policy == nullptr);
    CHECK(decision.remaining == left);
    fixture.clock.Advance(seconds(1));
  }
  const LimitDecision refused = fixture.Take({{&policy, "p"}});
  CHECK_FALSE(refused.allowed);
  CHECK(refused.policy == &policy);
  CHECK(refused.remaining == 0);
  CHECK(fixture.Remaining(policy, "p") == 0);

  fixture.clock.Advance(refused.retry_after - Nanos(1));
  const LimitDecision too_soon = fixture.Take({{&policy, "p"}});
  CHECK_FALSE(too_soon.allowed);
  CHECK(too_soon.retry_after == Nanos(1));
  fixture.clock.Advance(Nanos(1));
  CHECK(fixture.Take({{&policy, "p"}}).allowed);
}

inline void Identity(Fixture& fixture) {
  LimitPolicy policy = Policies()[0], renamed = policy;
  renamed.name = "renamed";
  while (fixture.Take({{&policy, "p"}}).allowed) continue;
  SUBCASE("partitions count apart") {
    CHECK(fixture.Take({{&policy, "q"}}).allowed);
    CHECK(fixture.Take({{&policy, ""}}).allowed);
  }
  SUBCASE("policies count apart by name") { CHECK(fixture.Take({{&renamed, "p"}}).allowed); }
  SUBCASE("a copy of a policy is the same policy") {
    const LimitPolicy copy = policy;
    CHECK_FALSE(fixture.Take({{&copy, "p"}}).allowed);
  }
  SUBCASE("name and partition do not run into each other") {
    LimitPolicy longer = policy;
    longer.name = "exactp";
    CHECK(fixture.Take({{&longer, ""}}).allowed);
  }
}

inline void AllOrNothing(Fixture& fixture) {
  const LimitPolicy &exact = Policies()[0], &gcra = Policies()[1], &idle = Policies()[2];
  SUBCASE("a refusal by one policy charges none") {
    while (fixture.Take({{&idle, "p"}}).allowed) continue;
    for (int i = 0; i < 20; ++i) {
      CHECK(fixture.Take({{&exact, "p"}, {&idle, "p"}, {&gcra, "p"}}).policy == &idle);
    }
    CHECK(fixture.Remaining(exact, "p") == exact.limit);
    CHECK(fixture.Remaining(gcra, "p") == gcra.burst);
  }
  SUBCASE("of several refusals the longest wait is answered, and it is exact") {
    while (fixture.Take({{&exact, "p"}}).allowed) continue;
    while (fixture.Take({{&idle, "p"}}).allowed) continue;
    const std::vector<LimitCharge> charges = {{&exact, "p"}, {&idle, "p"}, {&gcra, "p"}};
    const LimitDecision refused = fixture.Take(charges);
    CHECK(refused.policy == &idle);
    fixture.clock.Advance(refused.retry_after - Nanos(1));
    CHECK_FALSE(fixture.Take(charges).allowed);
    fixture.clock.Advance(Nanos(1));
    CHECK(fixture.Take(charges).allowed);
  }
  SUBCASE("when all allow, the tightest is answered") {
    CHECK(fixture.Take({{&exact, "p"}, {&gcra, "p"}, {&idle, "p"}}).remaining == 2);
  }
  SUBCASE("two charges of one counter are judged together") {
    CHECK_FALSE(fixture.Take({{&exact, "p", 3}, {&exact, "p", 3}}).allowed);
    CHECK(fixture.Remaining(exact, "p") == 5);
    CHECK(fixture.Take({{&exact, "p", 3}, {&exact, "p", 2}}).allowed);
    CHECK(fixture.Remaining(exact, "p") == 0);
  }
  SUBCASE("no charges, no refusal") { CHECK(fixture.Take({}).allowed); }
}

inline void Costs(Fixture& fixture, const LimitPolicy& policy) {
  const std::int64_t capacity = Capacity(policy);
  CHECK(fixture.Take({{&policy, "p", capacity - 1}}).remaining == 1);
  CHECK_FALSE(fixture.Take({{&policy, "p", 2}}).allowed);
  CHECK(fixture.Take({{&policy, "p", 1}}).allowed);
  const LimitDecision never = fixture.Take({{&policy, "q", capacity + 1}});
  CHECK_FALSE(never.allowed);
  CHECK(never.retry_after == Nanos::max());
}

inline void Mistakes(Fixture& fixture) {
  const LimitPolicy& policy = Policies()[0];
  RateLimiter& limiter = *fixture.limiters.first;
  const std::vector<LimitCharge> none = {{nullptr, "p"}}, negative = {{&policy, "p", -1}};
  CHECK(absl::IsInvalidArgument(limiter.Take(none, nullptr).status()));
  CHECK(absl::IsInvalidArgument(limiter.Take(negative, nullptr).status()));
  CHECK(absl::IsInvalidArgument(limiter.Peek(none).status()));
  CHECK(fixture.Remaining(policy, "p") == policy.limit);
}

inline void Returning(Fixture& fixture, const LimitPolicy& policy) {
  const std::int64_t capacity = Capacity(policy);
  LimitReceipt receipt;
  REQUIRE(fixture.Take({{&policy, "p", 2}}, &receipt).allowed);
  REQUIRE(receipt.lines.size() == 1);
  CHECK(receipt.lines[0].policy == &policy);
  CHECK(receipt.lines[0].partition == "p");
  CHECK(receipt.lines[0].cost == 2);
  while (fixture.Take({{&policy, "p"}}).allowed) continue;
  SUBCASE("what is given back can be taken again, and no more") {
    fixture.Return(receipt);
    CHECK(fixture.Remaining(policy, "p") == 2);
    CHECK(fixture.Take({{&policy, "p", 2}}).allowed);
    CHECK_FALSE(fixture.Take({{&policy, "p"}}).allowed);
  }
  SUBCASE("what no longer counts is not given back") {
    fixture.clock.Advance(policy.window * 3);
    REQUIRE(fixture.Take({{&policy, "p", capacity}}).allowed);
    fixture.Return(receipt);
    CHECK(fixture.Remaining(policy, "p") == 0);
  }
  SUBCASE("a refusal leaves an empty receipt") {
    fixture.Take({{&policy, "p"}}, &receipt);
    CHECK(receipt.lines.empty());
    fixture.Return(receipt);
    CHECK(fixture.Remaining(policy, "p") == 0);
  }
}

inline void Peeking(Fixture& fixture) {
  const LimitPolicy &exact = Policies()[0], &gcra = Policies()[1], &idle = Policies()[2];
  REQUIRE(fixture.Take({{&exact, "p"}, {&idle, "p"}}).allowed);
  fixture.clock.Advance(seconds(10));
  for (int again = 0; again < 2; ++again) {  // looking changes nothing
    const std::vector<LimitCharge> charges = {{&idle, "p"}, {&gcra, "p"}, {&exact, "p"}, {&exact, "q"}};
    const auto standings = fixture.limiters.second->Peek(charges);
    REQUIRE(standings.ok());
    REQUIRE(standings->size() == 4);
    const std::vector<std::pair<std::int64_t, Nanos>> expected = {
        {3, hours(1) - seconds(10) + Nanos(1)}, {3, {}}, {4, minutes(2) - seconds(10)}, {5, {}}};
    for (std::size_t i = 0; i < expected.size(); ++i) {
      CHECK((*standings)[i].policy == charges[i].policy);
      CHECK((*standings)[i].remaining == expected[i].first);
      CHECK((*standings)[i].full_again == expected[i].second);
    }
  }
}

// The plainest keeper: one cell after another, judged and charged by the rules.
struct ModelLimiter {
  std::map<std::pair<const LimitPolicy*, std::string>, LimitCell> cells;

  bool Take(const std::vector<LimitCharge>& charges, std::int64_t now, Nanos& retry_after) {
    bool allowed = true;
    retry_after = Nanos(0);
    for (const LimitCharge& charge : charges) {
      const LimitVerdict verdict = JudgeLimit(*charge.policy, CellOf(charge), now, charge.cost);
      allowed = allowed && verdict.allowed;
      retry_after = std::max(retry_after, verdict.retry_after);
    }
    for (const LimitCharge& charge : charges) {
      if (allowed) ChargeLimit(*charge.policy, CellOf(charge), now, charge.cost);
    }
    return allowed;
  }
  LimitCell& CellOf(const LimitCharge& charge) {
    return cells[{charge.policy, std::string(charge.partition)}];
  }
};

inline void AgreesWithTheRules(Fixture& fixture) {
  std::mt19937_64 random(20260101);
  const auto below = [&](std::uint64_t bound) { return random() % bound; };
  ModelLimiter model;
  const std::vector<std::string> partitions = {"a", "b", "c"};
  int disagreements = 0, allowed = 0;
  for (int step = 0; step < 1500; ++step) {
    std::vector<LimitCharge> charges;
    for (const LimitPolicy& policy : Policies()) {
      if (below(3) != 0) {
        charges.push_back({&policy, partitions[below(3)], static_cast<std::int64_t>(1 + below(2))});
      }
    }
    Nanos expected_wait{};
    const bool expected = model.Take(charges, fixture.clock.Steady().count(), expected_wait);
    const LimitDecision decision = fixture.Take(charges);
    allowed += decision.allowed ? 1 : 0;
    disagreements += decision.allowed != expected || decision.retry_after != expected_wait ? 1 : 0;
    // Now and then to exactly the edge, else anywhere in a quarter of an hour.
    const bool to_the_edge = !decision.allowed && below(3) == 0;
    fixture.clock.Advance(to_the_edge ? decision.retry_after : Nanos(seconds(below(900))));
  }
  CHECK(disagreements == 0);
  CHECK(allowed > 100);
}

inline void FromManyThreads(Fixture& fixture) {
  const LimitPolicy wide{.name = "wide", .limit = 64, .window = hours(1)};
  const LimitPolicy narrow{
      .name = "narrow", .algorithm = LimitAlgorithm::kIdleReset, .limit = 40, .window = hours(1)};
  std::atomic<int> allowed{0}, failed{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    RateLimiter& limiter = thread % 2 == 0 ? *fixture.limiters.first : *fixture.limiters.second;
    threads.emplace_back([&, thread] {
      const std::vector<LimitCharge> one_way = {{&wide, "p"}, {&narrow, "p"}},
                                     other_way = {{&narrow, "p"}, {&wide, "p"}};
      for (int i = 0; i < 40; ++i) {
        const auto decision = limiter.Take(thread < 2 ? one_way : other_way, nullptr);
        failed += decision.ok() ? 0 : 1;
        allowed += decision.ok() && decision->allowed ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(failed == 0);
  CHECK(allowed == narrow.limit);
  CHECK(fixture.Remaining(narrow, "p") == 0);
  CHECK(fixture.Remaining(wide, "p") == wide.limit - narrow.limit);
}

}  // namespace rate_limiter_contract

inline void RateLimiterContract(const RateLimiterFactory& make) {
  namespace contract = rate_limiter_contract;
  contract::Fixture fixture(make);
  for (const LimitPolicy& policy : contract::Policies()) {
    CAPTURE(policy.name);
    SUBCASE(("deciding: " + policy.name).c_str()) { contract::Deciding(fixture, policy); }
    SUBCASE(("costs: " + policy.name).c_str()) { contract::Costs(fixture, policy); }
    SUBCASE(("returning: " + policy.name).c_str()) { contract::Returning(fixture, policy); }
  }
  SUBCASE("identity") { contract::Identity(fixture); }
  SUBCASE("all or nothing") { contract::AllOrNothing(fixture); }
  SUBCASE("a caller's mistake is a Status and charges nothing") { contract::Mistakes(fixture); }
  SUBCASE("standings come in the order asked for, and asking is free") { contract::Peeking(fixture); }
  SUBCASE("a random history is decided as the rules say") { contract::AgreesWithTheRules(fixture); }
  SUBCASE("threads that meet at a limit get exactly the limit") { contract::FromManyThreads(fixture); }
}

}  // namespace mcpgate::testing
