#include <doctest/doctest.h>

#include "fixture.h"

namespace mcpgate::testing {
namespace {

using std::chrono::milliseconds;

TEST_CASE("a bucket counts down, refuses, and opens again at the instant it said") {
  Bot bot({.create = {2, milliseconds(5000)}});
  const Answer first = bot.Say("1");
  CHECK(first.Header("X-RateLimit-Limit") == "2");
  CHECK(first.Header("X-RateLimit-Remaining") == "1");
  CHECK(first.Header("X-RateLimit-Reset-After") == "5.000");
  CHECK(first.Header("X-RateLimit-Reset") == "1767225605.000");
  bot.clock.Advance(milliseconds(1734));
  const Answer second = bot.Say("2");
  CHECK(second.Header("X-RateLimit-Remaining") == "0");
  CHECK(second.Header("X-RateLimit-Reset-After") == "3.266");

  const Answer third = bot.Say("3");
  CHECK(third.status == 429);
  CHECK(third.Header("X-RateLimit-Scope") == "user");
  CHECK(third.Header("X-RateLimit-Global") == "");
  CHECK(third.Header("Retry-After") == "4");
  CHECK(NumberOr(third.body, "retry_after", 0) == doctest::Approx(3.266));
  CHECK_FALSE(BoolOr(third.body, "global", true));

  bot.clock.Advance(milliseconds(3266) - Nanos(1));
  CHECK(bot.Say("early").status == 429);
  bot.clock.Advance(Nanos(1));
  CHECK(bot.Say("in time").status == 200);
  CHECK(bot.sandbox->counters().rate_limited == 2);
}

TEST_CASE("every channel has a bucket of its own, with the same name") {
  Bot bot({.create = {1, milliseconds(1000)}});
  const Answer general = bot.Say("1");
  const Answer bench = bot.Say("1", "bot-bench");
  CHECK(bench.status == 200);
  CHECK(general.Header("X-RateLimit-Bucket").size() == 32);
  CHECK(general.Header("X-RateLimit-Bucket") == bench.Header("X-RateLimit-Bucket"));
}

TEST_CASE("several routes share a bucket, others do not") {
  Bot bot({.change = {2, milliseconds(1000)}});
  const std::string path = bot.Messages() + "/" + StringOr(bot.Say("x").body, "id", "");
  const Answer edit = bot.client.Patch(path, {{"content", "y"}});
  const Answer read = bot.client.Get(path);
  const Answer gone = bot.client.Delete(path);
  CHECK(edit.Header("X-RateLimit-Bucket") == gone.Header("X-RateLimit-Bucket"));
  CHECK(gone.Header("X-RateLimit-Remaining") == "0");
  CHECK(read.Header("X-RateLimit-Bucket") != gone.Header("X-RateLimit-Bucket"));
}

TEST_CASE("a refused request spends the bucket like any other") {
  Bot bot({.create = {2, milliseconds(1000)}});
  CHECK(bot.client.Post(bot.Messages("staff"), {{"content", "x"}}).Header("X-RateLimit-Remaining") == "1");
  CHECK(bot.client.Post(bot.Messages("staff"), {{"content", "x"}}).status == 403);
  CHECK(bot.client.Post(bot.Messages("staff"), {{"content", "x"}}).status == 429);
}

TEST_CASE("the global limit stands over all buckets and says so") {
  Bot bot({.global_per_second = 3});
  bot.clock.Advance(milliseconds(10));
  CHECK(bot.client.Get("/users/@me").status == 200);
  CHECK(bot.client.Get(bot.Messages()).status == 200);
  CHECK(bot.Say("x").status == 200);
  bot.clock.Advance(milliseconds(250));
  const Answer refused = bot.Say("y");
  CHECK(refused.status == 429);
  CHECK(refused.Header("X-RateLimit-Global") == "true");
  CHECK(refused.Header("X-RateLimit-Scope") == "global");
  CHECK(refused.Header("X-RateLimit-Bucket") == "");
  CHECK(BoolOr(refused.body, "global", false));
  CHECK(NumberOr(refused.body, "retry_after", 0) == doctest::Approx(0.75));
  bot.clock.Advance(milliseconds(750));
  CHECK(bot.Say("y").status == 200);
}

TEST_CASE("without rate limits there are neither headers nor refusals") {
  Bot bot;
  for (int i = 0; i < 60; ++i) {
    const Answer answer = bot.client.Get("/users/@me");
    CHECK(answer.status == 200);
    CHECK(answer.Header("X-RateLimit-Limit") == "");
  }
}

TEST_CASE("too many refused requests end in a ban without a word of JSON") {
  Bot bot({.rate_limits = true, .invalid_before_ban = 3});
  for (int i = 0; i < 3; ++i)
    CHECK(bot.client.Get("/channels/" + bot.sandbox->ChannelId("staff")).status == 403);
  const Answer banned = bot.client.Get("/users/@me");
  CHECK(banned.status == 429);
  CHECK(banned.Header("Content-Type") == "text/html; charset=UTF-8");
  CHECK(banned.Header("Via") == "");
  CHECK(banned.Header("X-RateLimit-Limit") == "");
  bot.clock.Advance(std::chrono::minutes(10));
  CHECK(bot.client.Get("/users/@me").status == 200);
}

}  // namespace
}  // namespace mcpgate::testing
