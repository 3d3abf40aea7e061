#include <doctest/doctest.h>

#include <thread>

#include "fixture.h"

namespace mcpgate::testing {
namespace {

Answer Send(Bot& bot, const std::string& content, const Json& nonce, bool enforce = true) {
  return bot.client.Post(bot.Messages(),
                         {{"content", content}, {"nonce", nonce}, {"enforce_nonce", enforce}});
}

std::string IdOf(const Answer& answer) { return StringOr(answer.body, "id", ""); }

TEST_CASE("a repeated nonce brings the first message, not a second") {
  Bot bot;
  const Answer first = Send(bot, "one", "n-1");
  const Answer second = Send(bot, "changed", "n-1");
  REQUIRE(second.status == 200);
  CHECK(IdOf(first) == IdOf(second));
  CHECK(StringOr(second.body, "content", "") == "one");
  CHECK(StringOr(second.body, "nonce", "") == "n-1");
  CHECK(bot.sandbox->counters().created == 1);
  CHECK(bot.sandbox->counters().deduplicated == 1);
}

TEST_CASE("a nonce that is not enforced creates again") {
  Bot bot;
  CHECK(IdOf(Send(bot, "one", "n-1", false)) != IdOf(Send(bot, "one", "n-1", false)));
}

TEST_CASE("a number and a string of the same digits are one nonce") {
  Bot bot;
  CHECK(IdOf(Send(bot, "one", 42)) == IdOf(Send(bot, "one", "42")));
}

TEST_CASE("a nonce is forgotten when its window has passed, to the instant") {
  Bot bot;
  const std::string first = IdOf(Send(bot, "one", "n-1"));
  bot.clock.Advance(std::chrono::minutes(5) - Nanos(1));
  CHECK(IdOf(Send(bot, "one", "n-1")) == first);
  bot.clock.Advance(Nanos(1));
  CHECK(IdOf(Send(bot, "one", "n-1")) != first);
}

TEST_CASE("a nonce whose message was deleted answers unknown message and creates nothing") {
  Bot bot;
  const std::string id = IdOf(Send(bot, "one", "n-1"));
  bot.client.Delete(bot.Messages() + "/" + id);
  const Answer again = Send(bot, "one", "n-1");
  CHECK(again.status == 404);
  CHECK(again.Code() == 10008);
  CHECK(bot.sandbox->counters().created == 1);
}

TEST_CASE("the nonce is echoed to its sender and not in listings") {
  Bot bot;
  const std::string id = IdOf(Send(bot, "one", "n-1"));
  CHECK_FALSE(bot.client.Get(bot.Messages() + "/" + id).body.contains("nonce"));
}

TEST_CASE("simultaneous sends of one nonce make one message") {
  Bot bot;
  constexpr int kSenders = 4;
  std::vector<std::string> ids(kSenders);
  std::vector<std::thread> senders;
  for (int i = 0; i < kSenders; ++i) {
    senders.emplace_back([&, i] {
      Client client(*bot.sandbox);
      ids[static_cast<std::size_t>(i)] = IdOf(
          client.Post(bot.Messages(), {{"content", "together"}, {"nonce", "same"}, {"enforce_nonce", true}}));
    });
  }
  for (std::thread& sender : senders) sender.join();
  CHECK(bot.sandbox->counters().created == 1);
  for (const std::string& id : ids) CHECK(id == ids[0]);
}

TEST_CASE("the state page matches every created message to its nonce and time") {
  Bot bot;
  const std::string kept = IdOf(Send(bot, "one", "n-1"));
  bot.clock.Advance(std::chrono::seconds(3));
  const std::string gone = IdOf(Send(bot, "two", "n-2"));
  bot.client.Delete(bot.Messages() + "/" + gone);
  bot.client.token = "wrong";  // the page asks for none
  const Answer state = bot.client.Get(bot.sandbox->state_url());
  REQUIRE(state.status == 200);
  const Json* created = FindArray(state.body, "created");
  REQUIRE(created != nullptr);
  const std::string channel = bot.sandbox->ChannelId("general");
  const std::int64_t start = 1'767'225'600'000'000'000;
  const Json expected = Json::array(
      {{{"id", kept}, {"channel_id", channel}, {"nonce", "n-1"}, {"at_ns", start}, {"deleted", false}},
       {{"id", gone},
        {"channel_id", channel},
        {"nonce", "n-2"},
        {"at_ns", start + 3'000'000'000},
        {"deleted", true}}});
  CHECK(DumpJson(*created) == DumpJson(expected));
  CHECK(IntegerOr(state.body, "requests", 0) == 3);
  CHECK(IntegerOr(*FindObject(*FindObject(state.body, "channels"), channel), "messages", 0) == 281);
}

}  // namespace
}  // namespace mcpgate::testing
