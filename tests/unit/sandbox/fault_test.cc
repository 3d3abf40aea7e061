#include <doctest/doctest.h>

#include <chrono>
#include <thread>

#include "fixture.h"

namespace mcpgate::testing {
namespace {

using Cut = SandboxFault::Cut;

TEST_CASE("a fault meets the next request of its route, once, and no other") {
  Bot bot;
  bot.sandbox->FailNext({"POST", "/messages"}, SandboxFault::Status(503));
  CHECK(bot.client.Get(bot.Messages()).status == 200);
  const Answer failed = bot.Say("x");
  CHECK(failed.status == 503);
  CHECK(failed.Header("Content-Type") == "text/html");
  CHECK(bot.sandbox->counters().created == 0);
  CHECK(bot.Say("x").status == 200);
  CHECK(bot.sandbox->counters().faults == 1);
}

TEST_CASE("faults for one route come in the order they were given, as often as asked") {
  Bot bot;
  SandboxFault twice = SandboxFault::Status(502);
  twice.times = 2;
  bot.sandbox->FailNext({"", "/users/@me"}, twice);
  bot.sandbox->FailNext({"", ""}, SandboxFault::Status(500));
  for (const long status : {502L, 502L, 500L, 200L}) CHECK(bot.client.Get("/users/@me").status == status);
}

TEST_CASE("faults that nobody met can be taken back") {
  Bot bot;
  bot.sandbox->FailNext({}, SandboxFault::Status(500));
  bot.sandbox->ClearFaults();
  CHECK(bot.client.Get("/users/@me").status == 200);
}

TEST_CASE("a connection cut before the commit leaves no message, after it one") {
  for (const bool commit : {false, true}) {
    CAPTURE(commit);
    Bot bot;
    const auto fault = commit ? SandboxFault::CutAfterCommit() : SandboxFault::CutBeforeCommit();
    bot.sandbox->FailNext({"POST", "/messages"}, fault);
    const Answer answer = bot.Say("x");
    CHECK(answer.result == CURLE_GOT_NOTHING);
    CHECK(bot.sandbox->counters().created == (commit ? 1 : 0));
    CHECK(bot.sandbox->RequestLog().back().status == 0);
  }
}

TEST_CASE("an answer can break off in its middle") {
  Bot bot;
  bot.sandbox->FailNext({"GET", "/messages"}, {.cut = Cut::kInAnswer});
  const Answer answer = bot.client.Get(bot.Messages());
  CHECK(answer.result == CURLE_PARTIAL_FILE);
  CHECK(answer.status == 200);
  CHECK(answer.body.is_null());
}

TEST_CASE("a bad gateway can come although the message was created") {
  Bot bot;
  SandboxFault fault = SandboxFault::Status(502);
  fault.commit = true;
  bot.sandbox->FailNext({"POST", "/messages"}, fault);
  CHECK(bot.Say("x").status == 502);
  CHECK(bot.sandbox->counters().created == 1);
}

TEST_CASE("a ban at the edge is HTML without a rate-limit header") {
  Bot bot;
  bot.sandbox->FailNext({}, SandboxFault::CloudflareBan());
  const Answer answer = bot.client.Get("/users/@me");
  CHECK(answer.status == 429);
  CHECK(answer.body.is_null());
  CHECK(answer.Header("X-RateLimit-Scope") == "");
  CHECK(answer.Header("Via") == "");
  CHECK(answer.Header("Retry-After") == "3600");
}

TEST_CASE("each scope of a rate limit can be asked for") {
  Bot bot;
  for (const char* scope : {"user", "global", "shared"}) {
    bot.sandbox->FailNext({}, SandboxFault::RateLimited(scope, std::chrono::milliseconds(1250)));
    const Answer answer = bot.client.Get("/users/@me");
    CHECK(answer.status == 429);
    CHECK(answer.Header("X-RateLimit-Scope") == scope);
    CHECK(answer.Header("Retry-After") == "2");
    CHECK(NumberOr(answer.body, "retry_after", 0) == doctest::Approx(1.25));
    CHECK(BoolOr(answer.body, "global", false) == (std::string_view(scope) == "global"));
  }
}

TEST_CASE("a delayed answer is the real one, later") {
  Bot bot;
  bot.sandbox->FailNext({}, SandboxFault::Delay(std::chrono::milliseconds(30)));
  const auto before = std::chrono::steady_clock::now();
  CHECK(bot.Say("x").status == 200);
  CHECK(std::chrono::steady_clock::now() - before >= std::chrono::milliseconds(30));
}

TEST_CASE("a delayed answer does not hold up other connections, nor the end") {
  Bot bot;
  bot.sandbox->FailNext({"", "/users/@me"}, SandboxFault::Delay(std::chrono::hours(1)));
  CURLcode result = CURLE_OK;
  Client other(*bot.sandbox);
  std::thread waiting([&] { result = other.Get("/users/@me").result; });
  while (bot.sandbox->counters().faults == 0) std::this_thread::yield();
  CHECK(bot.Say("meanwhile").status == 200);
  bot.sandbox.reset();
  waiting.join();
  CHECK(result == CURLE_GOT_NOTHING);
}

}  // namespace
}  // namespace mcpgate::testing
