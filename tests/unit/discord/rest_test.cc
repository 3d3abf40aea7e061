#include "discord/rest.h"

#include <doctest/doctest.h>

#include "unit/discord/scripted.h"

namespace mcpgate {
namespace {

using namespace testing;
using Kind = DiscordError::Kind;

TEST_CASE("a request bears token, user agent and JSON, and asks the path it was given") {
  ScriptedRest script;
  REQUIRE(script.Post(true).ok());
  REQUIRE(script.client->count() == 1);
  const net::HttpRequest request = script.client->requests()[0];
  CHECK(request.method == "POST");
  CHECK(request.url == "http://127.0.0.1:1/api/v10/channels/1/messages");
  CHECK(*request.headers.Find("Authorization") == std::string("Bot ") + kToken);
  CHECK(*request.headers.Find("User-Agent") == "DiscordBot (test, 1)");
  CHECK(*request.headers.Find("Content-Type") == "application/json");
  CHECK(request.body == R"({"content":"hi"})");
  REQUIRE(script.Get().ok());
  CHECK(script.client->requests()[1].headers.Find("Content-Type") == nullptr);
}

TEST_CASE("a 429 is waited out by its fraction and the request goes again") {
  ScriptedRest script;
  script.client->Then(Limited("user", "0.653"));
  CHECK(script.Post(false).ok());
  REQUIRE(script.pause->waits().size() == 1);
  CHECK(script.pause->waits()[0] >= milliseconds(653));
  CHECK(script.pause->waits()[0] < milliseconds(654));
  CHECK(script.client->count() == 2);
}

TEST_CASE("a 429 longer than a call may wait comes back as data, with nothing done") {
  ScriptedRest script;
  script.client->Then(Limited("shared", "523.5"));
  for (int i = 0; i < 3; ++i) {
    const RestReply reply = script.Post(false);
    REQUIRE_FALSE(reply.ok());
    CHECK(reply.error->kind == Kind::kRateLimited);
    CHECK(reply.error->retry_after > seconds(523));
    CHECK(reply.error->message.find("retry after 5235") != std::string::npos);
    CHECK_FALSE(reply.error->maybe_done);
  }
  CHECK(script.client->count() == 1);
  CHECK(script.pause->waits().empty());
}

TEST_CASE("all waits of one call together stay within max_wait") {
  ScriptedRest script([](const net::HttpRequest&) { return Limited("user", "2"); },
                      {.max_wait = seconds(5), .max_attempts = 10});
  const Nanos start = script.clock.Steady();
  const RestReply reply = script.Post(true);
  CHECK(reply.error->kind == Kind::kRateLimited);
  CHECK(script.clock.Steady() - start <= seconds(5));
  CHECK(script.client->count() == 3);
}

TEST_CASE("time spent on answers is not taken off max_wait") {
  FakeClock* clock = nullptr;
  int calls = 0;
  ScriptedRest script([&](const net::HttpRequest&) {
    if (++calls > 1) return calls == 2 ? Limited("user", "2") : Said(200);
    clock->Advance(seconds(14));
    return Said(503);
  });
  clock = &script.clock;
  CHECK(script.Get().ok());
}

TEST_CASE("a wait does not go beyond the caller's deadline") {
  ScriptedRest script;
  script.client->Then(Limited("user", "3"));
  const RestReply reply = script.rest->Call({.route = "/x", .path = "/x", .repeatable = true},
                                            {.deadline = script.clock.Steady() + seconds(2)});
  CHECK(reply.error->kind == Kind::kRateLimited);
  CHECK(script.pause->waits().empty());
}

TEST_CASE("a request gets no more time than its caller has") {
  ScriptedRest script;
  script.rest->Call({.route = "/x", .path = "/x"}, {.deadline = script.clock.Steady() + milliseconds(700)});
  script.rest->Call({.route = "/x", .path = "/x"}, {});
  CHECK(script.client->requests()[0].timeout == milliseconds(700));
  CHECK(script.client->requests()[1].timeout == seconds(15));
}

TEST_CASE("what may be tried again, and what is known when that does not help") {
  struct Row {
    const char* what;
    bool repeatable;
    Answer answer;
    std::size_t attempts;
    bool maybe_done;
  };
  for (const Row& row : {
           Row{"lost, repeatable", true, Lost(), 3, true},
           Row{"lost, not repeatable", false, Lost(), 1, true},
           Row{"unsent, repeatable", true, Unsent(), 3, false},
           Row{"unsent, not repeatable", false, Unsent(), 3, false},
           Row{"500, repeatable", true, Said(500), 3, true},
           Row{"500, not repeatable", false, Said(500), 1, true},
           Row{"502, repeatable", true, Said(502, "<html>"), 3, true},
           Row{"524, not repeatable", false, Said(524, "<html>"), 1, true},
           Row{"400", true, Said(400), 1, false},
           Row{"403", true, Said(403), 1, false},
           Row{"404", true, Said(404), 1, false},
           Row{"a redirect", true, Said(302), 1, false},
           Row{"not JSON, repeatable", true, Said(200, "<html>"), 3, true},
           Row{"not JSON, not repeatable", false, Said(200, "<html>"), 1, true},
           Row{"too large", true, absl::ResourceExhaustedError("too large"), 1, true},
       }) {
    CAPTURE(row.what);
    ScriptedRest script([&](const net::HttpRequest&) { return row.answer; });
    const RestReply reply = script.Post(row.repeatable);
    REQUIRE_FALSE(reply.ok());
    CHECK(script.client->count() == row.attempts);
    CHECK(reply.error->maybe_done == row.maybe_done);
  }
}

TEST_CASE("a lost answer stays in mind when later attempts certainly did nothing") {
  for (const Answer& later : {Answer(Unsent()), Answer(Limited("user", "100")), Answer(Said(403))}) {
    ScriptedRest script([&](const net::HttpRequest&) { return later; });
    script.client->Then(Lost());
    CHECK(script.Post(true).error->maybe_done);
  }
}

TEST_CASE("attempts are spaced by a growing pause with jitter") {
  ScriptedRest script([](const net::HttpRequest&) { return Said(503); }, {.max_attempts = 8});
  CHECK_FALSE(script.Get().ok());
  const std::vector<Nanos> expected = {milliseconds(125),  milliseconds(250),  milliseconds(500),
                                       milliseconds(1000), milliseconds(2000), milliseconds(2000),
                                       milliseconds(2000)};
  CHECK(script.pause->waits() == expected);
}

TEST_CASE("a stop request ends the pause before another attempt") {
  ScriptedRest script([](const net::HttpRequest&) { return Said(503); });
  std::stop_source stop;
  script.pause->set_on_wait([&] { stop.request_stop(); });
  const RestReply reply =
      script.rest->Call({.route = "/x", .path = "/x", .repeatable = true}, {.stop = stop.get_token()});
  CHECK_FALSE(reply.ok());
  CHECK(script.client->count() == 1);
}

TEST_CASE("no further attempt when the caller's time would be over") {
  ScriptedRest script([](const net::HttpRequest&) { return Said(503); });
  script.rest->Call({.route = "/x", .path = "/x", .repeatable = true},
                    {.deadline = script.clock.Steady() + milliseconds(100)});
  CHECK(script.client->count() == 1);
  CHECK(script.pause->waits().empty());
}

TEST_CASE("after a 401 no request leaves any more") {
  ScriptedRest script;
  script.client->Then(Said(401, R"({"message":"401: Unauthorized","code":0})"));
  CHECK(script.Get().error->kind == Kind::kBadToken);
  CHECK(script.Get().error->kind == Kind::kBadToken);
  CHECK(script.Post(true).error->kind == Kind::kBadToken);
  CHECK(script.client->count() == 1);
  CHECK(script.rest->Concern().find("bot token") != std::string::npos);
}

TEST_CASE("an HTML 429 of Cloudflare closes everything, and is not read as JSON") {
  ScriptedRest script;
  script.client->Then(Said(429, "<html>You are banned</html>", {{"Retry-After", "900"}}));
  const RestReply reply = script.Get();
  CHECK(reply.error->kind == Kind::kRateLimited);
  CHECK(reply.error->retry_after == seconds(900));
  CHECK(script.Post(true).error->kind == Kind::kRateLimited);
  CHECK(script.client->count() == 1);
}

TEST_CASE("5000 refused requests in ten minutes stop all; when they are over it goes on") {
  bool refuse = true;
  ScriptedRest script([&](const net::HttpRequest&) { return refuse ? Said(403) : Said(200); },
                      {.global_per_second = 10'000});
  for (int i = 0; i < 999; ++i) script.Get();
  CHECK(script.rest->Concern().empty());
  script.Get();
  CHECK(script.rest->Concern().find("1000 requests") != std::string::npos);
  while (script.client->count() < 5000) script.Get();
  const RestReply stopped = script.Get();
  CHECK(script.client->count() == 5000);
  CHECK(stopped.error->kind == Kind::kRateLimited);
  CHECK(stopped.error->retry_after >= std::chrono::minutes(10));
  CHECK(stopped.error->retry_after <= std::chrono::minutes(10) + seconds(10));
  script.clock.Advance(*stopped.error->retry_after);
  refuse = false;
  CHECK(script.Get().ok());
}

TEST_CASE("what counts toward Discord's ban") {
  struct Row {
    Answer answer;
    bool counts;
  };
  for (const Row& row :
       {Row{Said(403), true}, Row{Limited("user", "0"), true}, Row{Limited("global", "0"), true},
        Row{Limited("shared", "0"), false}, Row{Said(404), false}, Row{Said(400), false}}) {
    ScriptedRest script([&](const net::HttpRequest&) { return row.answer; },
                        {.max_attempts = 1, .global_per_second = 10'000});
    for (int i = 0; i < 1000; ++i) script.Get();
    CHECK(script.rest->Concern().empty() == !row.counts);
  }
}

TEST_CASE("the token passes in no error and no answer") {
  const std::string echo =
      fmt::format(R"({{"message":"bad header Bot {0}","code":1,"content":"{0}"}})", kToken);
  for (const Answer& answer :
       {Answer(Said(400, echo)), Answer(Said(401, echo)), Answer(Said(500, echo)), Answer(Said(200, echo)),
        Answer(net::TransportError(absl::StatusCode::kUnavailable, kToken, net::Delivery::kMaybeSent))}) {
    ScriptedRest script([&](const net::HttpRequest&) { return answer; });
    const RestReply reply = script.Get();
    CHECK(DumpJson(reply.body).find(kToken) == std::string::npos);
    if (reply.error) CHECK(reply.error->message.find(kToken) == std::string::npos);
    if (reply.ok()) CHECK(reply.body["content"] == "[secret]");
  }
}

TEST_CASE("an empty answer is an answer") {
  ScriptedRest script([](const net::HttpRequest&) { return Said(204, ""); });
  const RestReply reply = script.Get();
  CHECK(reply.ok());
  CHECK(reply.body.is_null());
}

}  // namespace
}  // namespace mcpgate
