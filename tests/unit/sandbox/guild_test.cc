#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "fixture.h"
#include "sandbox/snowflake.h"

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

TEST_CASE("the bot's guild is listed, and counted when asked") {
  Bot bot;
  const Answer plain = bot.client.Get("/users/@me/guilds");
  REQUIRE(plain.body.size() == 1);
  CHECK(StringOr(plain.body[0], "id", "") == bot.sandbox->guild_id());
  CHECK_FALSE(plain.body[0].contains("approximate_member_count"));
  const Answer counted = bot.client.Get("/users/@me/guilds?with_counts=true");
  CHECK(IntegerOr(counted.body[0], "approximate_member_count", 0) == 9);
}

TEST_CASE("a guild shows its roles, the bot's own among them") {
  Bot bot;
  const Answer guild = bot.client.Get("/guilds/" + bot.sandbox->guild_id());
  REQUIRE(guild.status == 200);
  const Json* roles = FindArray(guild.body, "roles");
  REQUIRE(roles != nullptr);
  REQUIRE(roles->size() == 4);
  CHECK(StringOr((*roles)[0], "id", "") == bot.sandbox->guild_id());
  const Json* tags = FindObject((*roles)[2], "tags");
  REQUIRE(tags != nullptr);
  CHECK(StringOr(*tags, "bot_id", "") == bot.sandbox->bot_id());
}

TEST_CASE("the channel list has every kind, the hidden one included") {
  Bot bot;
  const Answer channels = bot.client.Get("/guilds/" + bot.sandbox->guild_id() + "/channels");
  REQUIRE(channels.status == 200);
  std::set<std::pair<std::string, std::int64_t>> seen;
  for (const Json& channel : channels.body) {
    seen.emplace(StringOr(channel, "name", ""), IntegerOr(channel, "type", -1));
  }
  const std::set<std::pair<std::string, std::int64_t>> expected = {
      {"The House", 4}, {"announcements", 5}, {"general", 0}, {"bot-bench", 0},
      {"Workbench", 2}, {"ideas", 15},        {"staff", 0}};
  CHECK(seen == expected);
}

TEST_CASE("a channel names its guild, parent and last message") {
  Bot bot;
  const Answer sent = bot.Say("last");
  const Answer channel = bot.client.Get("/channels/" + bot.sandbox->ChannelId("general"));
  CHECK(StringOr(channel.body, "guild_id", "") == bot.sandbox->guild_id());
  CHECK(StringOr(channel.body, "parent_id", "") == bot.sandbox->ChannelId("The House"));
  CHECK(StringOr(channel.body, "last_message_id", "") == StringOr(sent.body, "id", "x"));
}

TEST_CASE("history is long, in order, and looks like people wrote it") {
  Bot bot;
  const auto messages = bot.sandbox->Messages(bot.sandbox->ChannelId("general"));
  REQUIRE(messages.size() >= 250);
  std::set<std::string> authors;
  int replies = 0;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    authors.insert(messages[i].author_id);
    replies += messages[i].reply_to.empty() ? 0 : 1;
    if (i > 0) CHECK(messages[i - 1].created < messages[i].created);
  }
  CHECK(authors.size() == 9);  // seven people, a bot, a webhook
  CHECK(replies > 10);
  CHECK(messages.back().created < bot.clock.Now());
}

TEST_CASE("history has an attachment, an embed, a webhook's message and a mention") {
  Bot bot;
  int attachments = 0, embeds = 0, webhooks = 0, mentions = 0;
  std::string before;
  for (int page = 0; page < 3; ++page) {
    const Answer answer = bot.client.Get(bot.Messages() + "?limit=100" + before);
    REQUIRE(answer.body.is_array());
    for (const Json& message : answer.body) {
      attachments += FindArray(message, "attachments")->empty() ? 0 : 1;
      embeds += FindArray(message, "embeds")->empty() ? 0 : 1;
      webhooks += message.contains("webhook_id") ? 1 : 0;
      mentions += FindArray(message, "mentions")->empty() ? 0 : 1;
    }
    before = "&before=" + StringOr(answer.body.back(), "id", "");
  }
  CHECK(attachments == 1);
  CHECK(embeds == 1);
  CHECK(webhooks == 1);
  CHECK(mentions == 1);
}

TEST_CASE("the same seed gives the same guild, another seed another") {
  Bot first({.seed = 3, .rate_limits = false});
  Bot same({.seed = 3, .rate_limits = false});
  Bot other({.seed = 4, .rate_limits = false});
  CHECK(first.client.Get(first.Messages()).text == same.client.Get(same.Messages()).text);
  CHECK(first.sandbox->guild_id() != other.sandbox->guild_id());
}

TEST_CASE("ids are snowflakes that carry the time of creation") {
  Bot bot;
  const std::string id = StringOr(bot.Say("now").body, "id", "");
  const auto parsed = sandbox::ParseSnowflake(id);
  REQUIRE(parsed.has_value());
  CHECK(sandbox::UnixMs(*parsed) == 1'767'225'600'000);
  CHECK(sandbox::TimeText(sandbox::UnixMs(*parsed)) == "2026-01-01T00:00:00.000000+00:00");
}

TEST_CASE("ids grow although the clock stands still or goes back") {
  Bot bot;
  const auto first = sandbox::ParseSnowflake(StringOr(bot.Say("one").body, "id", ""));
  bot.clock.SetWall(WallTime(std::chrono::seconds(1)));
  const auto second = sandbox::ParseSnowflake(StringOr(bot.Say("two").body, "id", ""));
  REQUIRE(first.has_value());
  REQUIRE(second.has_value());
  CHECK(*first < *second);
}

TEST_CASE("without the message content intent only the bot's own words can be read") {
  Bot bot({.message_content = false, .rate_limits = false});
  bot.Say("mine");
  const Answer page = bot.client.Get(bot.Messages() + "?limit=2");
  REQUIRE(page.body.size() == 2);
  CHECK(StringOr(page.body[0], "content", "") == "mine");
  CHECK(StringOr(page.body[1], "content", "?") == "");
}

}  // namespace
}  // namespace mcpgate::testing
