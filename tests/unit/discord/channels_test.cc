#include <doctest/doctest.h>

#include "discord/tools.h"
#include "unit/discord/tool_call.h"

namespace mcpgate {
namespace {

using namespace testing;

constexpr char kGuild[] = R"([{"id":"10","type":4,"name":"Topics"},
  {"id":"11","type":0,"name":"general","topic":"Say\nhello","guild_id":"5","parent_id":"10","last_message_id":null,
   "rate_limit_per_user":30,"nsfw":false},
  {"id":"12","type":0,"name":"staff","guild_id":"5"},
  {"id":"13","type":15,"name":"help","guild_id":"5"},
  {"id":"bad"}, 7])";

TEST_CASE("a channel is told with its kind and whether it takes messages") {
  ScriptedRest script([](const net::HttpRequest&) {
    return Said(200, R"({"id":"11","type":11,"name":"bug","guild_id":"5","parent_id":"9",
                         "thread_metadata":{"archived":true,"locked":false}})");
  });
  FakeCallContext context({"discord:channel:11"});
  const Tool tool = GetChannelTool(script.rest);
  const ToolResult result = MustCall(tool, {{"channel_id", "11"}}, context);
  CHECK(*result.structured == Json{{"id", "11"},
                                   {"kind", "public_thread"},
                                   {"takes_messages", true},
                                   {"name", "bug"},
                                   {"guild_id", "5"},
                                   {"parent_id", "9"},
                                   {"archived", true},
                                   {"locked", false}});
  CHECK(absl::IsPermissionDenied(CallTool(tool, {{"channel_id", "12"}}, context).status()));
  CHECK(script.client->count() == 1);
}

TEST_CASE("an unknown channel is explained") {
  ScriptedRest script(
      [](const net::HttpRequest&) { return Said(404, R"({"code":10003,"message":"Unknown Channel"})"); });
  FakeCallContext context;
  const ToolResult result = MustCall(GetChannelTool(script.rest), {{"channel_id", "11"}}, context);
  CHECK(ErrorOf(result).at("discord_code") == 10003);
  CHECK(TextOf(result).find("the bot may not be in that server") != std::string::npos);
}

TEST_CASE("a list shows the key's channels alone, and asks silently") {
  ScriptedRest script([](const net::HttpRequest&) { return Said(200, kGuild); });
  FakeCallContext context({"discord:channel:11", "discord:channel:13"});
  const ToolResult result = MustCall(ListChannelsTool(script.rest), {{"guild_id", "5"}}, context);
  const Json& channels = result.structured->at("channels");
  REQUIRE(channels.size() == 2);
  CHECK(channels[0].at("topic") == "Say hello");
  CHECK(channels[0].at("slow_mode_seconds") == 30);
  CHECK(channels[1].at("takes_messages") == false);
  CHECK(context.asked().empty());
  CHECK(script.client->requests()[0].url.ends_with("/guilds/5/channels"));
  CHECK(DumpJson(*result.structured).find("staff") == std::string::npos);
}

TEST_CASE("without a server the bot's servers are looked through, and too many are said") {
  int guilds = 3;
  ScriptedRest script([&](const net::HttpRequest& request) {
    if (request.url.find("/guilds/") != std::string::npos) return Said(200, kGuild);
    Json list = Json::array();
    for (int i = 0; i < guilds; ++i) list.push_back({{"id", std::to_string(100 + i)}});
    return Said(200, DumpJson(list));
  });
  FakeCallContext context;
  const Tool tool = ListChannelsTool(script.rest);
  ToolResult result = MustCall(tool, Json::object(), context);
  CHECK(result.structured->at("channels").size() == 12);
  CHECK(result.structured->at("complete") == true);
  CHECK(context.reports().size() == 3);
  guilds = 21;
  result = MustCall(tool, Json::object(), context);
  CHECK(result.structured->at("channels").size() == 80);
  CHECK(result.structured->at("complete") == false);
  CHECK(result.structured->at("note").get<std::string>().find("guild_id") != std::string::npos);
}

TEST_CASE("a server that cannot be listed is an error the caller can read") {
  ScriptedRest script(
      [](const net::HttpRequest&) { return Said(403, R"({"code":50001,"message":"Missing Access"})"); });
  FakeCallContext context;
  const ToolResult result = MustCall(ListChannelsTool(script.rest), {{"guild_id", "5"}}, context);
  CHECK(ErrorOf(result).at("kind") == "forbidden");
}

}  // namespace
}  // namespace mcpgate
