#include <doctest/doctest.h>

#include "fixture.h"

namespace mcpgate::testing {
namespace {

TEST_CASE("a bot with the token learns who it is, also as %40me") {
  Bot bot;
  for (const char* path : {"/users/@me", "/users/%40me"}) {
    const Answer answer = bot.client.Get(path);
    CAPTURE(answer.text);
    CHECK(answer.status == 200);
    CHECK(StringOr(answer.body, "id", "") == bot.sandbox->bot_id());
    CHECK(BoolOr(answer.body, "bot", false));
  }
}

TEST_CASE("a sent message is read back newest first") {
  Bot bot;
  const Answer sent = bot.Say("hello");
  CAPTURE(sent.text);
  REQUIRE(sent.status == 200);
  const Answer page = bot.client.Get(bot.Messages() + "?limit=2");
  REQUIRE(page.body.is_array());
  REQUIRE(page.body.size() == 2);
  CHECK(StringOr(page.body[0], "id", "") == StringOr(sent.body, "id", "x"));
  CHECK(StringOr(page.body[0], "content", "") == "hello");
}

}  // namespace
}  // namespace mcpgate::testing
