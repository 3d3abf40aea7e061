#include "discord/buckets.h"

#include <doctest/doctest.h>

#include <future>
#include <thread>

#include "unit/discord/scripted.h"

namespace mcpgate {
namespace {

using namespace testing;
using Turn = RateBuckets::Turn;

constexpr RateRoute kSend{"POST /channels/{channel}/messages", "1"};

struct Fixture {
  explicit Fixture(RateBucketOptions options = {}) : buckets(With(options), pause) {}
  RateBucketOptions With(RateBucketOptions options) {
    options.clock = &clock;
    return options;
  }
  Turn Take(RateRoute route = kSend, std::string_view who = "a") {
    auto turn = buckets.Wait(route, who, clock.Steady() + seconds(60), {});
    REQUIRE(std::holds_alternative<Turn>(turn));
    return std::get<Turn>(std::move(turn));
  }
  NoTurn Refused(RateRoute route, Nanos patience) {
    auto turn = buckets.Wait(route, "a", clock.Steady() + patience, {});
    REQUIRE(std::holds_alternative<NoTurn>(turn));
    return std::get<NoTurn>(turn);
  }
  RateNews Hear(net::HttpResponse response) { return ReadRateNews(response); }
  void Learn(RateRoute route, int limit, int remaining, std::string reset, std::string id = "b") {
    Take(route).Learn(Hear(Said(200, "{}", Bucket(id, limit, remaining, reset))));
  }

  FakeClock clock;
  FakePause pause{clock};
  RateBuckets buckets;
};

TEST_CASE_FIXTURE(Fixture,
                  "what an answer leaves may go out at once, then the fraction of the reset is waited") {
  Learn(kSend, 3, 2, "0.65");
  Take().Learn(Hear(Said(200, "{}", Bucket("b", 3, 1, "0.65"))));
  Take().Learn(Hear(Said(200, "{}", Bucket("b", 3, 0, "0.65"))));
  CHECK(pause.waits().empty());
  Take();
  REQUIRE(pause.waits().size() == 1);
  CHECK(pause.waits()[0] >= milliseconds(650));
  CHECK(pause.waits()[0] < milliseconds(651));
}

TEST_CASE_FIXTURE(Fixture, "a wait that is sure to be too long is refused at once, with the exact time") {
  Learn(kSend, 1, 0, "12.5");
  const NoTurn refused = Refused(kSend, seconds(5));
  CHECK(refused.why == NoTurn::Why::kTooLong);
  CHECK(refused.retry_after >= milliseconds(12'500));
  CHECK(refused.retry_after < milliseconds(12'501));
  CHECK(pause.waits().empty());
}

TEST_CASE_FIXTURE(Fixture, "an unknown route lets one request through; the second waits for its answer") {
  const Turn first = Take();
  const NoTurn refused = Refused(kSend, seconds(2));
  CHECK(refused.retry_after == seconds(1));
  CHECK(pause.waits() == std::vector<Nanos>{seconds(2)});
}

TEST_CASE_FIXTURE(Fixture, "requests on their way count against what the last answer left") {
  Learn(kSend, 5, 2, "10");
  const Turn one = Take(), two = Take();
  CHECK(Refused(kSend, seconds(1)).retry_after >= seconds(9));
}

TEST_CASE_FIXTURE(Fixture, "an answer that was overtaken does not give back what is spent") {
  Learn(kSend, 5, 3, "10");
  Turn one = Take(), two = Take();
  two.Learn(Hear(Said(200, "{}", Bucket("b", 5, 1, "10"))));
  one.Learn(Hear(Said(200, "{}", Bucket("b", 5, 2, "10"))));
  Take();
  CHECK(Refused(kSend, seconds(1)).why == NoTurn::Why::kTooLong);
}

TEST_CASE_FIXTURE(Fixture, "a request that started before the reset counts in the window after it") {
  Learn(kSend, 2, 1, "1");
  const Turn slow = Take();
  clock.Advance(seconds(2));
  const Turn next = Take();
  CHECK(Refused(kSend, milliseconds(1)).why == NoTurn::Why::kTooLong);
}

TEST_CASE_FIXTURE(Fixture, "majors do not share, routes that name one bucket do") {
  Learn({"GET /channels/{channel}", "1"}, 2, 0, "9", "shared");
  Take({"GET /channels/{channel}", "2"});
  CHECK(pause.waits().empty());
  Learn({"PATCH /channels/{channel}", "1"}, 2, 0, "9", "shared");
  Learn({"DELETE /channels/{channel}", "2"}, 2, 1, "9", "shared");
  CHECK(Refused({"GET /channels/{channel}", "1"}, seconds(1)).retry_after > seconds(8));
  CHECK(Refused({"PATCH /channels/{channel}", "1"}, seconds(1)).retry_after > seconds(8));
}

TEST_CASE_FIXTURE(Fixture, "a probe that turns out to belong to a known bucket is charged there") {
  Learn({"GET /a", "1"}, 5, 2, "9");
  const Turn under_way = Take({"GET /a", "1"});  // the server has not seen it yet
  Learn({"GET /b", "1"}, 5, 1, "9");             // ours alone: one of the two that were left
  CHECK(Refused({"GET /a", "1"}, seconds(1)).why == NoTurn::Why::kTooLong);
}

TEST_CASE_FIXTURE(Fixture, "a 429 of scope user or shared closes its bucket alone") {
  for (const char* scope : {"user", "shared"}) {
    Fixture f;
    f.Take().Learn(f.Hear(Limited(scope, "30.25")));
    CHECK(f.Refused(kSend, seconds(1)).retry_after >= milliseconds(30'250));
    CHECK_FALSE(f.Refused(kSend, seconds(1)).global);
    f.Take({"GET /other", ""});
    CHECK(f.pause.waits().empty());
  }
}

TEST_CASE_FIXTURE(Fixture, "a 429 that ends sooner than the window was thought to is believed") {
  Learn(kSend, 5, 4, "30");
  Take().Learn(Hear(Limited("user", "0.5")));
  Take();
  REQUIRE(pause.waits().size() == 1);
  CHECK(pause.waits()[0] < milliseconds(501));
}

TEST_CASE_FIXTURE(Fixture, "a shared 429 leaves the window as it was") {
  Learn(kSend, 3, 0, "30");
  clock.Advance(seconds(29));
  Learn(kSend, 3, 2, "30");
  Take().Learn(Hear(Limited("shared", "2")));
  Take();
  CHECK(pause.waits() == std::vector<Nanos>{seconds(1), seconds(2)});
}

TEST_CASE_FIXTURE(Fixture, "a global 429 and one of the edge close everything") {
  for (net::HttpResponse answer :
       {Limited("global", "30.25"), Said(429, "<html>", {{"Retry-After", "31"}})}) {
    Fixture f;
    f.Take().Learn(f.Hear(answer));
    const NoTurn refused = f.Refused({"GET /other", ""}, seconds(1));
    CHECK(refused.global);
    CHECK(refused.retry_after >= milliseconds(30'250));
    f.clock.Advance(seconds(31));
    f.Take({"GET /other", ""});
  }
}

TEST_CASE("no more than the global number leave in any second") {
  Fixture f({.global_per_second = 3});
  for (int i = 0; i < 10; ++i) {
    f.Take({"GET /x", std::to_string(i)});
    f.clock.Advance(milliseconds(100));
  }
  // Three at 0, 100, 200 ms, the fourth at 1000 ms, and so on.
  CHECK(f.pause.waits() == std::vector<Nanos>(3, milliseconds(700)));
}

TEST_CASE_FIXTURE(Fixture, "a route without limits is not paced") {
  Take().Learn(Hear(Said(200)));
  for (int i = 0; i < 20; ++i) Take().Learn(Hear(Said(200)));
  const Turn one = Take(), two = Take();
  CHECK(pause.waits().empty());
}

TEST_CASE_FIXTURE(Fixture, "a request without an answer does not close its bucket for ever") {
  Take();
  Take();
  Take().Learn(Hear(Said(502, "<html>")));
  Learn(kSend, 1, 0, "0");
  Take();
  CHECK(pause.waits().empty());
}

TEST_CASE_FIXTURE(Fixture, "a stop request ends the wait") {
  Learn(kSend, 1, 0, "3");
  std::stop_source stop;
  pause.set_on_wait([&] { stop.request_stop(); });
  const auto turn = buckets.Wait(kSend, "a", clock.Steady() + seconds(5), stop.get_token());
  REQUIRE(std::holds_alternative<NoTurn>(turn));
  CHECK(std::get<NoTurn>(turn).why == NoTurn::Why::kStopped);
}

TEST_CASE("the map of routes is bounded, and forgets first what holds nothing back") {
  Fixture f({.max_routes = 8});
  f.Learn({"GET /kept", ""}, 1, 0, "500");
  for (int i = 0; i < 1000; ++i) f.Learn({"GET /x", std::to_string(i)}, 5, 4, "0.001");
  CHECK(f.buckets.routes() <= 8);
  CHECK(f.Refused({"GET /kept", ""}, seconds(1)).why == NoTurn::Why::kTooLong);
  for (int i = 0; i < 1000; ++i) f.Learn({"GET /y", std::to_string(i)}, 1, 0, "900");
  CHECK(f.buckets.routes() <= 8);
}

// From here on with real threads and a pause that is ended by a signal alone.
class SignalPause : public Pause {
 public:
  void Until(CondLock& lock, std::condition_variable_any& signal, std::stop_token stop, Nanos,
             const std::function<bool()>& ended) override {
    ++waiting_;
    waiting_.notify_all();
    signal.wait(lock, stop, ended);
    --waiting_;
  }
  void AwaitWaiters(int count) {
    for (int now = waiting_; now < count; now = waiting_) waiting_.wait(now);
  }

 private:
  std::atomic<int> waiting_{0};
};

TEST_CASE("callers take turns: one that floods waits behind itself") {
  FakeClock clock;
  SignalPause pause;
  RateBuckets buckets({.clock = &clock, .max_queued = 4}, pause);
  std::optional<Turn> holder(std::get<Turn>(buckets.Wait(kSend, "flood", seconds(999), {})));
  std::mutex mutex;
  std::vector<std::string> order;
  std::vector<std::thread> threads;
  const auto start = [&](std::string who, int waiting) {
    threads.emplace_back([&, who] {
      auto turn = buckets.Wait(kSend, who, seconds(999), {});
      std::lock_guard lock(mutex);
      order.push_back(who);
    });
    pause.AwaitWaiters(waiting);
  };
  start("flood", 1);
  start("flood", 2);
  start("flood", 3);
  start("quiet", 4);
  SUBCASE("and beyond the bound nobody may wait") {
    const auto turn = buckets.Wait(kSend, "late", seconds(999), {});
    REQUIRE(std::holds_alternative<NoTurn>(turn));
    CHECK(std::get<NoTurn>(turn).why == NoTurn::Why::kQueueFull);
  }
  holder.reset();
  for (std::thread& thread : threads) thread.join();
  CHECK(order == std::vector<std::string>{"flood", "quiet", "flood", "flood"});
}

TEST_CASE("a waiter moves with its route when the route turns out to belong to another bucket") {
  FakeClock clock;
  SignalPause pause;
  RateBuckets buckets({.clock = &clock}, pause);
  const auto take = [&](RateRoute route) {
    return std::get<Turn>(buckets.Wait(route, "a", seconds(999), {}));
  };
  take({"GET /a", "1"}).Learn(ReadRateNews(Said(200, "{}", Bucket("b", 9, 8, "100"))));
  Turn probe = take({"GET /b", "1"});
  auto waiting = std::async(std::launch::async, [&] { take({"GET /b", "1"}); });
  pause.AwaitWaiters(1);
  probe.Learn(ReadRateNews(Said(200, "{}", Bucket("b", 9, 7, "100"))));
  waiting.get();
  CHECK(buckets.routes() == 2);
}

}  // namespace
}  // namespace mcpgate
