#include <doctest/doctest.h>

#include "fixture.h"

namespace mcpgate::testing {
namespace {

TEST_CASE("what cannot be done is refused with Discord's status and code") {
  Bot bot;
  const auto channel = [&](const char* name) { return "/channels/" + bot.sandbox->ChannelId(name); };
  const std::string foreign = bot.sandbox->Messages(bot.sandbox->ChannelId("general"))[0].id;
  const std::string hello = R"({"content":"x"})";
  struct Row {
    std::string method, path, body;
    long status;
    int code;
  };
  const Row rows[] = {
      {"GET", "/channels/1", "", 404, 10003},
      {"POST", "/channels/1/messages", hello, 404, 10003},
      {"GET", "/guilds/1", "", 404, 10004},
      {"GET", "/guilds/1/channels", "", 404, 10004},
      {"GET", channel("general") + "/messages/1", "", 404, 10008},
      {"PATCH", channel("general") + "/messages/1", hello, 404, 10008},
      {"DELETE", channel("general") + "/messages/1", "", 404, 10008},
      {"GET", channel("staff"), "", 403, 50001},
      {"GET", channel("staff") + "/messages", "", 403, 50001},
      {"POST", channel("staff") + "/messages", hello, 403, 50001},
      {"POST", channel("Workbench") + "/messages", hello, 403, 50013},
      {"POST", channel("Workbench") + "/typing", "", 403, 50013},
      {"DELETE", channel("general") + "/messages/" + foreign, "", 403, 50013},
      {"PATCH", channel("general") + "/messages/" + foreign, hello, 403, 50005},
      {"POST", channel("ideas") + "/messages", hello, 400, 50008},
      {"POST", channel("general") + "/messages", "{}", 400, 50006},
      {"POST", channel("general") + "/messages", R"({"content":" \n "})", 400, 50006},
      {"POST", channel("general") + "/messages", "{nope", 400, 50109},
      {"POST", channel("general") + "/messages", "", 400, 50109},
      {"PUT", channel("general") + "/messages", hello, 405, 0},
      {"GET", "/nothing/here", "", 404, 0},
      {"GET", "/users/@me/guilds/extra", "", 404, 0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.method);
    CAPTURE(row.path);
    const Answer answer = bot.client.Request(row.method, row.path, row.body);
    CAPTURE(answer.text);
    CHECK(answer.status == row.status);
    CHECK(answer.Code() == row.code);
    CHECK(answer.Header("Content-Type") == "application/json");
  }
}

TEST_CASE("a bad form names its fields in an error tree") {
  Bot bot;
  const Json long_field = {{"fields", {{{"name", std::string(257, 'n')}, {"value", ""}}}}};
  Json eleven = Json::array();
  for (int i = 0; i < 11; ++i) eleven.push_back({{"title", "t"}});
  struct Row {
    Json body;
    const char *path, *code;
  };
  const Row rows[] = {
      {{{"content", std::string(2001, 'x')}}, "content", "BASE_TYPE_MAX_LENGTH"},
      {{{"content", Json::object()}}, "content", "STRING_TYPE_CONVERT"},
      {{{"content", "x"}, {"nonce", std::string(26, 'n')}}, "nonce", "NONCE_TYPE_TOO_LONG"},
      {{{"content", "x"}, {"nonce", true}}, "nonce", "NONCE_TYPE_INVALID_TYPE"},
      {{{"embeds", "x"}}, "embeds", "LIST_TYPE_CONVERT"},
      {{{"embeds", eleven}}, "embeds", "BASE_TYPE_MAX_LENGTH"},
      {{{"embeds", Json::array({{{"title", std::string(257, 't')}}})}},
       "embeds/0/title",
       "BASE_TYPE_MAX_LENGTH"},
      {{{"embeds", Json::array({long_field})}}, "embeds/0/fields/0/name", "BASE_TYPE_MAX_LENGTH"},
      {{{"embeds", Json::array({long_field})}}, "embeds/0/fields/0/value", "BASE_TYPE_REQUIRED"},
      {{{"embeds", Json::array({{{"description", std::string(4000, 'd')}},
                                {{"description", std::string(2001, 'd')}}})}},
       "embeds",
       "MAX_EMBED_SIZE_EXCEEDED"},
      {{{"content", "x"}, {"message_reference", {{"message_id", "1"}}}},
       "message_reference",
       "MESSAGE_REFERENCE_UNKNOWN_MESSAGE"},
      {{{"content", "x"}, {"message_reference", {{"message_id", "no"}}}},
       "message_reference/message_id",
       "NUMBER_TYPE_COERCE"},
      {{{"content", "x"}, {"allowed_mentions", {{"parse", {"users"}}, {"users", Json::array({"1"})}}}},
       "allowed_mentions",
       "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE"},
      {{{"content", "x"}, {"allowed_mentions", {{"parse", Json::array({"everybody"})}}}},
       "allowed_mentions/parse/0",
       "BASE_TYPE_CHOICES"},
      {Json::array({1}), "", "MODEL_TYPE_CONVERT"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    const Answer answer = bot.client.Post(bot.Messages(), row.body);
    CAPTURE(answer.text);
    CHECK(answer.status == 400);
    CHECK(answer.Code() == 50035);
    CHECK(answer.FormError(row.path) == row.code);
  }
  CHECK(bot.sandbox->counters().created == 0);
}

TEST_CASE("bad ids and page parameters name themselves in an error tree") {
  Bot bot;
  const std::string general = bot.Messages();
  struct Row {
    std::string path;
    const char *field, *code;
  };
  const Row rows[] = {
      {"/channels/general", "channel_id", "NUMBER_TYPE_COERCE"},
      {"/channels/01/messages", "channel_id", "NUMBER_TYPE_COERCE"},
      {"/channels/99999999999999999999/messages", "channel_id", "NUMBER_TYPE_COERCE"},
      {"/guilds/-1", "guild_id", "NUMBER_TYPE_COERCE"},
      {general + "/x", "message_id", "NUMBER_TYPE_COERCE"},
      {general + "?limit=0", "limit", "NUMBER_TYPE_MIN"},
      {general + "?limit=101", "limit", "NUMBER_TYPE_MAX"},
      {general + "?limit=ten", "limit", "NUMBER_TYPE_COERCE"},
      {general + "?limit=99999999999", "limit", "NUMBER_TYPE_COERCE"},
      {general + "?before=x", "before", "NUMBER_TYPE_COERCE"},
      {general + "?before=5&after=6", "after", "BASE_TYPE_BAD_EXCLUSIVE"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    const Answer answer = bot.client.Get(row.path);
    CAPTURE(answer.text);
    CHECK(answer.status == 400);
    CHECK(answer.Code() == 50035);
    CHECK(answer.FormError(row.field) == row.code);
  }
}

TEST_CASE("a wrong or missing token is unauthorized, in Discord's words") {
  Bot bot;
  for (const char* token : {"wrong", ""}) {
    bot.client.token = token;
    const Answer answer = bot.client.Get("/users/@me");
    CHECK(answer.status == 401);
    CHECK(answer.text == R"({"code":0,"message":"401: Unauthorized"})");
  }
}

TEST_CASE("a client that does not say it is a bot never gets past the edge") {
  Bot bot;
  bot.client.user_agent = "curl/8";
  const Answer answer = bot.client.Get("/users/@me");
  CHECK(answer.status == 403);
  CHECK(answer.Code() == 40333);
}

TEST_CASE("a body without a JSON content type is an invalid form") {
  Bot bot;
  bot.client.content_type = "text/plain";
  const Answer answer = bot.Say("x");
  CHECK(answer.status == 400);
  CHECK(answer.FormError("") == "CONTENT_TYPE_INVALID");
}

TEST_CASE("each run has its own random token unless one is given") {
  Bot first, second;
  CHECK_FALSE(first.sandbox->token() == second.sandbox->token());
  CHECK(first.sandbox->token().size() > 40);
  Bot given({.bot_token = Secret("chosen"), .rate_limits = false});
  given.client.token = "chosen";
  CHECK(given.client.Get("/users/@me").status == 200);
}

}  // namespace
}  // namespace mcpgate::testing
