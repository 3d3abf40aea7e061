#include <doctest/doctest.h>

#include "fixture.h"

namespace mcpgate::testing {
namespace {

std::vector<std::string> Ids(const Json& page) {
  std::vector<std::string> ids;
  for (const Json& message : page) ids.push_back(StringOr(message, "id", ""));
  return ids;
}

// The ids of #general from `first` to `last`, counted from the oldest, newest first.
std::vector<std::string> Slice(const Bot& bot, std::size_t first, std::size_t last) {
  const auto messages = bot.sandbox->Messages(bot.sandbox->ChannelId("general"));
  std::vector<std::string> ids;
  for (std::size_t i = last; i > first; --i) ids.push_back(messages[i - 1].id);
  return ids;
}

TEST_CASE("a sent message is read back newest first") {
  Bot bot;
  const Answer sent = bot.Say("hello");
  CAPTURE(sent.text);
  REQUIRE(sent.status == 200);
  const Answer page = bot.client.Get(bot.Messages() + "?limit=2");
  REQUIRE(page.body.size() == 2);
  CHECK(StringOr(page.body[0], "id", "") == StringOr(sent.body, "id", "x"));
  CHECK(StringOr(page.body[0], "content", "") == "hello");
}

TEST_CASE("pages hold what was asked for, newest first") {
  Bot bot;
  const auto all = bot.sandbox->Messages(bot.sandbox->ChannelId("general"));
  const std::size_t n = all.size();
  struct Row {
    std::string query;
    std::size_t first, last;
  };
  const Row rows[] = {
      {"", n - 50, n},
      {"?limit=1", n - 1, n},
      {"?limit=100", n - 100, n},
      {"?limit=10&before=" + all[30].id, 20, 30},
      {"?limit=10&before=" + all[4].id, 0, 4},
      {"?limit=10&after=" + all[30].id, 31, 41},
      {"?limit=10&after=" + all[n - 3].id, n - 2, n},
      {"?limit=10&after=0", 0, 10},
      {"?limit=5&around=" + all[30].id, 28, 33},
      {"?limit=5&around=" + all[0].id, 0, 5},
      {"?before=1", 0, 0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.query);
    const Answer page = bot.client.Get(bot.Messages() + row.query);
    REQUIRE(page.status == 200);
    CHECK(Ids(page.body) == Slice(bot, row.first, row.last));
  }
}

TEST_CASE("walking back by before meets every message once") {
  Bot bot;
  std::vector<std::string> walked;
  std::string query = "?limit=100";
  while (true) {
    const Answer page = bot.client.Get(bot.Messages() + query);
    REQUIRE(page.body.is_array());
    if (page.body.empty()) break;
    const auto ids = Ids(page.body);
    walked.insert(walked.end(), ids.begin(), ids.end());
    query = "?limit=100&before=" + ids.back();
  }
  CHECK(walked == Slice(bot, 0, bot.sandbox->Messages(bot.sandbox->ChannelId("general")).size()));
}

TEST_CASE("a message is trimmed, counted in code points and kept as it was written otherwise") {
  Bot bot;
  std::string longest;
  for (int i = 0; i < 2000; ++i) longest += "\xf0\x9f\x8f\xae";
  CHECK(StringOr(bot.Say(longest).body, "content", "") == longest);
  CHECK(StringOr(bot.Say("  two\n words \n").body, "content", "") == "two\n words");
}

TEST_CASE("a reply shows the original, and notifies its author only when allowed") {
  Bot bot;
  const auto all = bot.sandbox->Messages(bot.sandbox->ChannelId("general"));
  const Json reference = {{"message_id", all[10].id}};
  const Answer loud = bot.client.Post(bot.Messages(), {{"content", "a"}, {"message_reference", reference}});
  const Answer quiet = bot.client.Post(
      bot.Messages(),
      {{"content", "b"}, {"message_reference", reference}, {"allowed_mentions", {{"parse", Json::array()}}}});
  REQUIRE(quiet.status == 200);
  CHECK(IntegerOr(quiet.body, "type", 0) == 19);
  REQUIRE(FindObject(quiet.body, "referenced_message") != nullptr);
  CHECK(StringOr(*FindObject(quiet.body, "referenced_message"), "id", "") == all[10].id);
  CHECK(FindArray(loud.body, "mentions")->size() == 1);
  CHECK(FindArray(quiet.body, "mentions")->empty());
}

TEST_CASE("a reply to a message that is gone is sent plainly when it may") {
  Bot bot;
  const Answer sent = bot.client.Post(
      bot.Messages(),
      {{"content", "x"}, {"message_reference", {{"message_id", "1"}, {"fail_if_not_exists", false}}}});
  REQUIRE(sent.status == 200);
  CHECK(IntegerOr(sent.body, "type", -1) == 0);
}

TEST_CASE("mentions notify whom allowed_mentions lets them") {
  Bot bot;
  const auto all = bot.sandbox->Messages(bot.sandbox->ChannelId("general"));
  const std::string user = all[0].author_id;
  struct Row {
    Json allowed;
    std::size_t notified;
  };
  const Row rows[] = {{nullptr, 1},
                      {{{"parse", Json::array()}}, 0},
                      {{{"parse", {"users"}}}, 1},
                      {{{"users", Json::array({user})}}, 1},
                      {{{"users", Json::array({"1"})}}, 0}};
  for (const Row& row : rows) {
    CAPTURE(DumpJson(row.allowed));
    const Answer sent = bot.client.Post(
        bot.Messages(), {{"content", "<@" + user + "> @everyone"}, {"allowed_mentions", row.allowed}});
    REQUIRE(sent.status == 200);
    CHECK(FindArray(sent.body, "mentions")->size() == row.notified);
    CHECK_FALSE(BoolOr(sent.body, "mention_everyone", true));  // the bot lacks that permission
  }
}

TEST_CASE("an edit changes the bot's own message and says when") {
  Bot bot;
  const std::string id = StringOr(bot.Say("before").body, "id", "");
  const Answer edited = bot.client.Patch(bot.Messages() + "/" + id, {{"content", "after"}});
  CHECK(edited.status == 200);
  CHECK(StringOr(edited.body, "edited_timestamp", "") == "2026-01-01T00:00:00.000000+00:00");
  CHECK(StringOr(bot.client.Get(bot.Messages() + "/" + id).body, "content", "") == "after");
}

TEST_CASE("a deleted message is gone, and deleting it again is unknown") {
  Bot bot;
  const std::string path = bot.Messages() + "/" + StringOr(bot.Say("short-lived").body, "id", "");
  const Answer gone = bot.client.Delete(path);
  CHECK(gone.status == 204);
  CHECK(gone.text.empty());
  CHECK(bot.client.Get(path).Code() == 10008);
  CHECK(bot.client.Delete(path).Code() == 10008);
}

TEST_CASE("typing answers with nothing") {
  Bot bot;
  const Answer typing =
      bot.client.Request("POST", "/channels/" + bot.sandbox->ChannelId("general") + "/typing");
  CHECK(typing.status == 204);
}

TEST_CASE("a channel keeps a bounded number of messages, the newest") {
  Bot bot({.rate_limits = false, .max_messages = 5});
  for (int i = 0; i < 5; ++i) bot.Say("message " + std::to_string(i), "bot-bench");
  const auto kept = bot.sandbox->Messages(bot.sandbox->ChannelId("bot-bench"));
  REQUIRE(kept.size() == 5);
  CHECK(kept.front().content == "message 0");
  CHECK(kept.back().content == "message 4");
}

}  // namespace
}  // namespace mcpgate::testing
