// 64 threads on shared counters, with returns, and every window of every counter looked at afterwards.
// MCPGATE_STORM_CALLS says how many calls in all; 10000000 take minutes.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "mcpgate/rate_limiter.h"

namespace mcpgate {
namespace {

using std::chrono::milliseconds;

// The limiter reads the clock once, under its locks: the time it decided by is what this thread read last.
class NotedClock final : public Clock {
 public:
  WallTime Now() const override { return Clock::System().Now(); }
  Nanos Steady() const override { return last = Clock::System().Steady(); }
  static thread_local Nanos last;
};
thread_local Nanos NotedClock::last{0};

const std::vector<LimitPolicy>& Policies() {
  static const std::vector<LimitPolicy> policies = {
      {.name = "all",
       .algorithm = LimitAlgorithm::kSegmented,
       .scope = LimitScope::kGlobal,
       .limit = 3000,
       .window = milliseconds(20)},
      {.name = "tenant",
       .algorithm = LimitAlgorithm::kExact,
       .scope = LimitScope::kTenant,
       .limit = 900,
       .window = milliseconds(15)},
      {.name = "key", .algorithm = LimitAlgorithm::kExact, .limit = 40, .window = milliseconds(10)},
      {.name = "tool",
       .algorithm = LimitAlgorithm::kSegmented,
       .scope = LimitScope::kTool,
       .limit = 200,
       .window = milliseconds(7)}};
  return policies;
}

struct Admission {
  std::array<std::string, 4> partitions;
  std::int64_t at = 0, cost = 0;
};

std::vector<Admission> CallAtRandom(RateLimiter& limiter, std::uint64_t seed, int calls) {
  std::mt19937_64 random(seed);
  std::vector<Admission> admissions;
  for (int i = 0; i < calls; ++i) {
    Admission call{.partitions = {"", "t" + std::to_string(random() % 2), "k" + std::to_string(random() % 8),
                                  "f" + std::to_string(random() % 3)},
                   .cost = static_cast<std::int64_t>(random() % 4 == 0 ? 1 + random() % 3 : 1)};
    std::array<LimitCharge, 4> charges;
    for (std::size_t p = 0; p < charges.size(); ++p)
      charges[p] = {.policy = &Policies()[p], .partition = call.partitions[p], .cost = call.cost};
    LimitReceipt receipt;
    const auto decision = limiter.Take(charges, &receipt);
    call.at = NotedClock::last.count();
    if (!decision.ok() || !decision->allowed) continue;
    if (random() % 8 == 0) {
      if (!limiter.Return(receipt).ok()) return {};
      continue;
    }
    admissions.push_back(std::move(call));
  }
  return admissions;
}

// The most units of one counter in any half-open window, told by counting.
std::int64_t MostInAWindow(std::vector<std::pair<std::int64_t, std::int64_t>>& units, std::int64_t window) {
  std::sort(units.begin(), units.end());
  std::int64_t most = 0, held = 0;
  std::size_t from = 0;
  for (const auto& [at, cost] : units) {
    held += cost;
    while (units[from].first <= at - window) held -= units[from++].second;
    most = std::max(most, held);
  }
  return most;
}

int CallsInAll() {
  const char* text = std::getenv("MCPGATE_STORM_CALLS");
  return text == nullptr ? 256'000 : std::atoi(text);
}

TEST_CASE("no window of any shared counter holds more than its limit, whoever calls at once") {
  constexpr int kThreads = 64;
  const NotedClock clock;
  const auto limiter = NewLocalRateLimiter({.clock = &clock});
  std::vector<std::vector<Admission>> admitted(kThreads);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] { admitted[t] = CallAtRandom(*limiter, t, CallsInAll() / kThreads); });
  for (std::thread& thread : threads) thread.join();

  std::map<std::pair<std::size_t, std::string>, std::vector<std::pair<std::int64_t, std::int64_t>>> counters;
  std::size_t total = 0;
  for (const std::vector<Admission>& calls : admitted) {
    total += calls.size();
    for (const Admission& call : calls)
      for (std::size_t p = 0; p < Policies().size(); ++p)
        counters[{p, call.partitions[p]}].emplace_back(call.at, call.cost);
  }
  CHECK(total > 1000);
  CHECK(counters.size() == 1 + 2 + 8 + 3);
  for (auto& [counter, units] : counters) {
    const LimitPolicy& policy = Policies()[counter.first];
    CAPTURE(policy.name);
    CAPTURE(counter.second);
    CHECK(MostInAWindow(units, policy.window.count()) <= policy.limit);
  }
}

}  // namespace
}  // namespace mcpgate
