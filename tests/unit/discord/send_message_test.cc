#include <doctest/doctest.h>

#include "discord/nonce.h"
#include "discord/tools.h"
#include "unit/discord/tool_call.h"

namespace mcpgate {
namespace {

using namespace testing;

net::HttpResponse Took(std::string id = "900") {
  return Said(200,
              fmt::format(R"({{"id":"{}","channel_id":"1","timestamp":"2026-01-01T00:00:00+00:00"}})", id));
}

struct Fixture {
  Json BodyOf(std::size_t request) {
    auto body = ParseJson(script.client->requests().at(request).body);
    REQUIRE(body.ok());
    return *std::move(body);
  }
  ToolResult Send(Json arguments) {
    arguments["channel_id"] = "1";
    if (!arguments.contains("content")) arguments["content"] = "hello";
    return MustCall(tool, arguments, context);
  }

  ScriptedRest script{[](const net::HttpRequest&) { return Took(); }};
  Tool tool = SendMessageTool(script.rest);
  FakeCallContext context{{"discord:channel:1"}};
};

TEST_CASE_FIXTURE(Fixture,
                  "a send says which message stands in the channel, and declares its id for the trail") {
  const ToolResult result = Send({});
  CHECK_FALSE(result.is_error);
  CHECK_FALSE(result.nothing_happened);
  CHECK(result.structured->at("message_id") == "900");
  CHECK(result.audit_fields == std::vector<std::pair<std::string, std::string>>{{"message_id", "900"}});
  CHECK(tool.audit_arguments == std::vector<std::string>{"channel_id"});
  CHECK(tool.role == Role::kWriter);
  CHECK(tool.limit_class == "posting");
  CHECK_FALSE(tool.annotations.read_only);
}

TEST_CASE_FIXTURE(Fixture,
                  "nobody can be pinged and every send has an enforced nonce, whatever the arguments") {
  Send({{"content", "@everyone <@1> <@&2>"}});
  Send({{"reply_to", "77"}});
  Send({{"idempotency_key", "k"}});
  for (std::size_t i = 0; i < 3; ++i) {
    const Json body = BodyOf(i);
    CHECK(body.at("allowed_mentions") == Json{{"parse", Json::array()}});
    CHECK(body.at("enforce_nonce") == true);
    CHECK(body.at("nonce").get<std::string>().size() == 25);
  }
  CHECK(BodyOf(0).at("content") == "@everyone <@1> <@&2>");
  CHECK(BodyOf(1).at("message_reference") == Json{{"message_id", "77"}, {"fail_if_not_exists", false}});
  CHECK_FALSE(BodyOf(0).contains("message_reference"));
}

TEST_CASE("a channel outside the key's list is refused before anything else") {
  Fixture f;
  FakeCallContext stranger({"discord:channel:2"});
  for (const Json& arguments : {Json{{"channel_id", "1"}, {"content", "x"}},
                                Json{{"channel_id", "1"}, {"content", "x"}, {"dry_run", true}},
                                Json{{"channel_id", "99999999999999999999"}, {"content", "x"}}}) {
    CHECK(absl::IsPermissionDenied(CallTool(f.tool, arguments, stranger).status()));
  }
  CHECK(f.script.client->count() == 0);
  CHECK(stranger.asked()[0] == "discord:channel:1");
}

TEST_CASE("arguments that cannot be meant never reach the handler") {
  Fixture f;
  for (const Json& bad :
       {Json{{"channel_id", "01"}, {"content", "x"}}, Json{{"channel_id", "../1"}, {"content", "x"}},
        Json{{"channel_id", 1}, {"content", "x"}}, Json{{"channel_id", "1"}, {"content", ""}},
        Json{{"channel_id", "1"}, {"content", std::string(2001, 'x')}},
        Json{{"channel_id", "1"}, {"content", "x"}, {"tts", true}}, Json{{"channel_id", "1"}},
        Json{{"channel_id", "1\n"}, {"content", "x"}}}) {
    CAPTURE(DumpJson(bad));
    CHECK_FALSE(Complaints(f.tool.input_schema, bad).empty());
  }
}

TEST_CASE_FIXTURE(Fixture, "what the schema cannot judge is refused with nothing sent") {
  std::string emoji;
  for (int i = 0; i < 1001; ++i) emoji += "\xf0\x9f\x98\x80";
  CHECK(TextOf(Send({{"content", emoji}})).find("2002 UTF-16 units") != std::string::npos);
  const ToolResult reply = Send({{"reply_to", "99999999999999999999"}});
  CHECK(ErrorOf(reply).at("kind") == "invalid_request");
  CHECK(reply.nothing_happened);
  CHECK(script.client->count() == 0);
  emoji.resize(4000);
  Send({{"content", emoji}});
  CHECK(script.client->count() == 1);
}

TEST_CASE_FIXTURE(
    Fixture, "a dry run shows the exact request, looks at the channel, sends nothing and costs nothing") {
  script.client->Then(Said(200, R"({"id":"1","type":0,"name":"general"})"));
  const ToolResult dry = Send({{"dry_run", true}, {"idempotency_key", "k"}});
  CHECK_FALSE(dry.is_error);
  CHECK(dry.nothing_happened);
  REQUIRE(script.client->count() == 1);
  CHECK(script.client->requests()[0].method == "GET");
  CHECK(context.asked() == std::vector<std::string>{"discord:channel:1"});
  Send({{"idempotency_key", "k"}});
  CHECK(dry.structured->at("request").at("body") == BodyOf(1));
  CHECK(dry.structured->at("request").at("path") == "/channels/1/messages");
}

TEST_CASE_FIXTURE(Fixture, "a dry run finds a channel that takes no messages, or is not there") {
  for (const int type : {4, 14, 15, 16, 99}) {
    script.client->Then(Said(200, fmt::format(R"({{"id":"1","type":{}}})", type)));
    CHECK(ErrorOf(Send({{"dry_run", true}})).at("kind") == "invalid_request");
  }
  script.client->Then(Said(404, R"({"code":10003,"message":"Unknown Channel"})"));
  CHECK(ErrorOf(Send({{"dry_run", true}})).at("kind") == "not_found");
}

TEST_CASE_FIXTURE(Fixture, "a lost answer is asked for again with the same nonce") {
  script.client->Then(Lost());
  script.client->Then(Said(503, ""));
  CHECK_FALSE(Send({}).is_error);
  REQUIRE(script.client->count() == 3);
  CHECK(BodyOf(0) == BodyOf(1));
  CHECK(BodyOf(1) == BodyOf(2));
}

TEST_CASE("an answer lost for good is unknown, and the text says which read settles it") {
  ScriptedRest script([](const net::HttpRequest&) { return Lost(); });
  const Tool tool = SendMessageTool(script.rest);
  FakeCallContext context;
  const ToolResult result = MustCall(tool, {{"channel_id", "1"}, {"content", "x"}}, context);
  CHECK(result.outcome_unknown);
  CHECK_FALSE(result.nothing_happened);
  CHECK(ErrorOf(result).at("effect") == "unknown");
  CHECK(TextOf(result).find("discord_read_messages") != std::string::npos);
  const ToolResult keyed =
      MustCall(tool, {{"channel_id", "1"}, {"content", "x"}, {"idempotency_key", "k"}}, context);
  CHECK(TextOf(keyed).find("same idempotency_key") != std::string::npos);
}

TEST_CASE("what certainly did not happen is said, so that its unit is given back") {
  struct Row {
    Answer answer;
    const char* kind;
  };
  for (const Row& row : {Row{Unsent(), "unreachable"}, Row{Limited("user", "60"), "rate_limited"},
                         Row{Said(403, R"({"code":50013,"message":"Missing Permissions"})"), "forbidden"},
                         Row{Said(400, R"({"code":50035,"message":"Invalid Form Body"})"), "invalid_request"},
                         Row{Said(401), "bad_bot_token"}}) {
    CAPTURE(row.kind);
    ScriptedRest script([&](const net::HttpRequest&) { return row.answer; });
    FakeCallContext context;
    const ToolResult result =
        MustCall(SendMessageTool(script.rest), {{"channel_id", "1"}, {"content", "canary-content"}}, context);
    CHECK(ErrorOf(result).at("kind") == row.kind);
    CHECK(ErrorOf(result).at("effect") == "none");
    CHECK(result.nothing_happened);
    CHECK(TextOf(result).find("canary-content") == std::string::npos);
  }
}

TEST_CASE_FIXTURE(Fixture, "a long rate limit comes back with the milliseconds to wait") {
  script.client->Then(Limited("user", "60.25"));
  CHECK(ErrorOf(Send({})).at("retry_after_ms") == 60'250);
}

TEST_CASE_FIXTURE(Fixture, "a message that is gone when its nonce is asked for again was sent") {
  script.client->Then(Lost());
  script.client->Then(Said(404, R"({"code":10008,"message":"Unknown Message"})"));
  const ToolResult result = Send({});
  CHECK(ErrorOf(result).at("effect") == "done");
  CHECK_FALSE(result.nothing_happened);
  CHECK_FALSE(result.outcome_unknown);
  CHECK(TextOf(result).find("was sent, and deleted since") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "an answer without an id leaves the outcome unknown") {
  script.client->Then(Said(200, "{}"));
  CHECK(Send({}).outcome_unknown);
}

TEST_CASE_FIXTURE(Fixture, "a key used again for another text is noticed") {
  const net::HttpResponse earlier = Said(200, R"({"id":"900","channel_id":"1","content":"first"})");
  for (const auto& [key, content, noticed] :
       {std::tuple{"k", "second", true}, std::tuple{"k", " first\n", false},
        std::tuple{"", "second", false}}) {
    const std::string_view text = content;  // clang 14 captures no structured binding
    CAPTURE(text);
    script.client->Then(earlier);
    Json arguments = {{"content", content}};
    if (*key != '\0') arguments["idempotency_key"] = key;
    const ToolResult result = Send(arguments);
    CHECK(result.structured->contains("note") == noticed);
    CHECK_FALSE(result.nothing_happened);
  }
}

TEST_CASE_FIXTURE(Fixture, "a stopped call that never left did nothing") {
  context.Stop();
  const ToolResult result = Send({});
  CHECK(ErrorOf(result).at("kind") == "stopped");
  CHECK(result.nothing_happened);
  CHECK(script.client->count() == 0);
}

TEST_CASE("a nonce is the same for the same caller, channel and key, and no other") {
  const Secret key("0123456789abcdef0123456789abcdef");
  Principal alice, bob;
  alice.family = "a";
  bob.family = "b";
  const std::string mine = "k", other = "call-1";
  const std::string nonce = SendNonce(key, alice, "1", &mine, "call-1");
  CHECK(nonce.size() == 25);
  CHECK(nonce == SendNonce(key, alice, "1", &mine, "call-2"));
  CHECK(nonce != SendNonce(key, alice, "2", &mine, "call-1"));
  CHECK(nonce != SendNonce(key, bob, "1", &mine, "call-1"));
  CHECK(nonce != SendNonce(Secret("another key of thirty-two bytes!"), alice, "1", &mine, "call-1"));
  CHECK(SendNonce(key, alice, "1", nullptr, "call-1") != SendNonce(key, alice, "1", nullptr, "call-2"));
  CHECK(SendNonce(key, alice, "1", nullptr, "call-1") != SendNonce(key, alice, "1", &other, "call-1"));
}

}  // namespace
}  // namespace mcpgate
