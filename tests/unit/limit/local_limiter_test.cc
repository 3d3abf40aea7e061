#include <doctest/doctest.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "mcpgate/rate_limiter.h"
#include "support/fake_clock.h"

namespace mcpgate {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::FakeClock;

const LimitPolicy kShort{.name = "short", .limit = 3, .window = seconds(10)};
const LimitPolicy kLong{.name = "long", .limit = 3, .window = hours(1)};

class Limiter {
 public:
  explicit Limiter(std::size_t max_partitions)
      : limiter_(NewLocalRateLimiter({.clock = &clock, .max_partitions = max_partitions})) {}

  bool Take(const LimitPolicy& policy, const std::string& partition, LimitReceipt* receipt = nullptr) {
    const LimitCharge charge{.policy = &policy, .partition = partition};
    const auto decision = limiter_->Take({&charge, 1}, receipt);
    REQUIRE(decision.ok());
    return decision->allowed;
  }
  std::int64_t Remaining(const LimitPolicy& policy, const std::string& partition) {
    const LimitCharge charge{.policy = &policy, .partition = partition};
    const auto standings = limiter_->Peek({&charge, 1});
    REQUIRE(standings.ok());
    return standings->front().remaining;
  }
  /// Takes one unit each for `count` partitions that nobody else has.
  void Fill(const LimitPolicy& policy, int count) {
    for (int i = 0; i < count; ++i) REQUIRE(Take(policy, "filler-" + std::to_string(i)));
  }
  RateLimiter& operator*() { return *limiter_; }

  FakeClock clock;

 private:
  const std::unique_ptr<RateLimiter> limiter_;
};

TEST_CASE("when every counter counts, newcomers share one") {
  Limiter limiter(8);
  limiter.Fill(kLong, 8);
  CHECK(limiter.Take(kLong, "a"));
  CHECK(limiter.Take(kLong, "b"));
  CHECK(limiter.Take(kLong, "c"));
  CHECK_FALSE(limiter.Take(kLong, "d"));
  CHECK(limiter.Remaining(kLong, "e") == 0);
}

TEST_CASE("those who were there keep their own counter when it gets crowded") {
  Limiter limiter(8);
  limiter.Fill(kLong, 8);
  while (limiter.Take(kLong, "newcomer")) continue;
  for (int i = 0; i < 8; ++i) CHECK(limiter.Remaining(kLong, "filler-" + std::to_string(i)) == 2);
}

TEST_CASE("each policy has its own shared counter") {
  Limiter limiter(8);
  limiter.Fill(kLong, 8);
  while (limiter.Take(kLong, "a")) continue;
  CHECK(limiter.Take(kShort, "a"));
}

TEST_CASE("a counter that counts nothing any more gives way to a newcomer") {
  Limiter limiter(8);
  limiter.Fill(kShort, 8);
  limiter.clock.Advance(seconds(10));
  for (int i = 0; i < 8; ++i) {
    const std::string newcomer = "newcomer-" + std::to_string(i);
    for (int unit = 0; unit < 3; ++unit) CHECK(limiter.Take(kShort, newcomer));
    CHECK_FALSE(limiter.Take(kShort, newcomer));
  }
}

TEST_CASE("forgetting never forgives: a counter that still counts is never given up") {
  Limiter limiter(8);
  for (int i = 0; i < 4; ++i) {
    while (limiter.Take(kLong, "spent-" + std::to_string(i))) continue;
  }
  for (int i = 0; i < 500; ++i) {
    limiter.Take(kShort, "passing-" + std::to_string(i));
    limiter.clock.Advance(seconds(4));
  }
  for (int i = 0; i < 4; ++i) CHECK_FALSE(limiter.Take(kLong, "spent-" + std::to_string(i)));
}

TEST_CASE("one who shared a counter gets no second one beside it") {
  Limiter limiter(8);
  limiter.Fill(kShort, 8);
  while (limiter.Take(kLong, "a")) continue;  // out of the shared counter
  limiter.clock.Advance(seconds(10));         // now there is room
  CHECK_FALSE(limiter.Take(kLong, "a"));
  CHECK(limiter.Remaining(kLong, "a") == 0);
  limiter.clock.Advance(hours(1));
  for (int unit = 0; unit < 3; ++unit) CHECK(limiter.Take(kLong, "a"));
  for (int unit = 0; unit < 3; ++unit) CHECK(limiter.Take(kLong, "b"));
}

TEST_CASE("a unit of the shared counter can be given back") {
  Limiter limiter(8);
  limiter.Fill(kLong, 8);
  LimitReceipt receipt;
  REQUIRE(limiter.Take(kLong, "a", &receipt));
  while (limiter.Take(kLong, "b")) continue;
  REQUIRE((*limiter).Return(receipt).ok());
  CHECK(limiter.Remaining(kLong, "c") == 1);
}

TEST_CASE("a refused call leaves no counter behind") {
  Limiter limiter(8);
  while (limiter.Take(kLong, "spent")) continue;
  for (int i = 0; i < 100; ++i) {
    const std::string partition = "newcomer-" + std::to_string(i);
    const std::vector<LimitCharge> charges = {{&kShort, partition}, {&kLong, "spent"}};
    const auto decision = (*limiter).Take(charges, nullptr);
    REQUIRE(decision.ok());
    REQUIRE_FALSE(decision->allowed);
  }
  limiter.Fill(kLong, 7);  // all the room there is beside "spent"
}

TEST_CASE("random crowds never admit a partition more often than the limit") {
  for (const std::size_t room : {1, 5, 200}) {
    Limiter limiter(room);
    std::map<std::string, std::vector<std::int64_t>> admitted;
    std::uint64_t state = room;
    const auto below = [&](std::uint64_t bound) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      return (state >> 33) % bound;
    };
    int excess = 0;
    for (int step = 0; step < 20'000; ++step) {
      const std::string partition = std::to_string(below(40));
      const std::int64_t now = limiter.clock.Steady().count();
      if (limiter.Take(kShort, partition)) {
        std::vector<std::int64_t>& times = admitted[partition];
        times.push_back(now);
        const std::size_t n = times.size();
        excess += n > 3 && times[n - 1] - times[n - 4] < kShort.window.count() ? 1 : 0;
      }
      limiter.clock.Advance(Nanos(static_cast<std::int64_t>(below(400'000'000))));
    }
    CHECK(excess == 0);
  }
}

TEST_CASE("refused calls of many threads never move a counter") {
  const LimitPolicy open{.name = "open", .limit = 1000, .window = hours(1)};
  const LimitPolicy shut{.name = "shut", .limit = 1, .window = hours(1)};
  Limiter limiter(1000);
  REQUIRE(limiter.Take(shut, "p"));
  std::atomic<int> admitted{0}, moved{0}, running{4};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      const std::vector<LimitCharge> charges = thread % 2 == 0
                                                   ? std::vector<LimitCharge>{{&open, "p"}, {&shut, "p"}}
                                                   : std::vector<LimitCharge>{{&shut, "p"}, {&open, "p"}};
      for (int i = 0; i < 5000; ++i) {
        const auto decision = (*limiter).Take(charges, nullptr);
        admitted += !decision.ok() || decision->allowed ? 1 : 0;
      }
      --running;
    });
  }
  const LimitCharge charge{&open, "p"};
  while (running > 0) {
    const auto standings = (*limiter).Peek({&charge, 1});
    moved += standings.ok() && standings->front().remaining == open.limit ? 0 : 1;
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(admitted == 0);
  CHECK(moved == 0);
}

TEST_CASE("threads in a crowded table keep every limit") {
  Limiter limiter(4);
  limiter.Fill(kLong, 3);
  std::atomic<int> admitted{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 500; ++i) {
        const std::string partition = std::to_string(thread) + "-" + std::to_string(i % 50);
        const std::vector<LimitCharge> charges = {{&kLong, partition}, {&kShort, partition}};
        const auto decision = (*limiter).Take(charges, nullptr);
        admitted += decision.ok() && decision->allowed ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  // One more counter fits; all others share three units.
  CHECK(admitted <= 6);
  CHECK(admitted >= 3);
}

TEST_CASE("more limits on one call than there are seats is a mistake") {
  Limiter limiter(8);
  const std::vector<LimitCharge> charges(33, LimitCharge{&kLong, "p"});
  CHECK(absl::IsInvalidArgument((*limiter).Take(charges, nullptr).status()));
}

}  // namespace
}  // namespace mcpgate
