#include <doctest/doctest.h>

#include "discord/message_json.h"
#include "discord/snowflake.h"
#include "discord/tools.h"
#include "unit/discord/tool_call.h"

namespace mcpgate {
namespace {

using namespace testing;

Json Message(std::uint64_t id, std::string content = "text") {
  return {{"id", std::to_string(id)},
          {"type", 0},
          {"content", std::move(content)},
          {"timestamp", "2026-01-01T00:00:00+00:00"},
          {"author", {{"id", "7"}, {"username", "ann"}, {"global_name", nullptr}}}};
}

std::optional<std::uint64_t> Parameter(const std::string& url, std::string_view name) {
  const std::size_t at = url.find(fmt::format("{}=", name));
  if (at == url.npos) return std::nullopt;
  const std::size_t from = at + name.size() + 1;
  return ParseSnowflake(url.substr(from, url.find('&', from) - from));
}

// A channel whose messages have the ids 1 to `newest`, as Discord pages it.
struct Channel {
  explicit Channel(std::uint64_t newest, std::string content = "text")
      : script([newest, content](const net::HttpRequest& request) {
          const std::uint64_t limit = *Parameter(request.url, "limit");
          const std::uint64_t before = Parameter(request.url, "before").value_or(newest + 1);
          Json page = Json::array();
          for (std::uint64_t id = std::min(before - 1, newest); id > 0 && page.size() < limit; --id)
            page.push_back(Message(id, content));
          return Said(200, DumpJson(page));
        }) {}

  ToolResult Read(Json arguments) {
    arguments["channel_id"] = "1";
    return MustCall(tool, arguments, context);
  }
  std::vector<std::string> Ids(const ToolResult& result) {
    std::vector<std::string> ids;
    for (const Json& message : result.structured->at("messages")) ids.push_back(message.at("id"));
    return ids;
  }

  ScriptedRest script;
  Tool tool = ReadMessagesTool(script.rest);
  FakeCallContext context;
};

TEST_CASE("the newest messages come first, with a cursor for more") {
  Channel channel(1000);
  const ToolResult result = channel.Read({{"limit", 3}});
  CHECK(channel.Ids(result) == std::vector<std::string>{"1000", "999", "998"});
  CHECK(result.structured->at("next_before") == "998");
  CHECK(channel.Ids(channel.Read({{"limit", 2}, {"before", "998"}})) ==
        std::vector<std::string>{"997", "996"});
  CHECK(channel.Read({}).structured->at("messages").size() == 50);
  CHECK(channel.tool.role == Role::kReader);
  CHECK(channel.tool.annotations.read_only);
}

TEST_CASE("many messages come in pages of a hundred, each told as progress") {
  Channel channel(1000);
  const ToolResult result = channel.Read({{"limit", 250}});
  CHECK(result.structured->at("messages").size() == 250);
  CHECK(channel.Ids(result).back() == "751");
  CHECK(channel.script.client->count() == 3);
  const auto reports = channel.context.reports();
  REQUIRE(reports.size() == 3);
  CHECK(reports[0].progress == 1);
  CHECK(reports[2].progress == 3);
  CHECK(reports[2].total == 3);
  channel.Read({{"limit", 100}});
  CHECK(channel.context.reports().size() == 3);
}

TEST_CASE("at the channel's beginning there is no cursor") {
  Channel channel(30);
  const ToolResult result = channel.Read({});
  CHECK(result.structured->at("messages").size() == 30);
  CHECK_FALSE(result.structured->contains("next_before"));
  CHECK(Channel(0).Read({}).structured->at("messages").empty());
}

TEST_CASE("after ends the reading, and neither bound is included") {
  Channel channel(1000);
  CHECK(channel.Ids(channel.Read({{"after", "997"}})) == std::vector<std::string>{"1000", "999", "998"});
  const ToolResult between = channel.Read({{"after", "10"}, {"before", "14"}});
  CHECK(channel.Ids(between) == std::vector<std::string>{"13", "12", "11"});
  CHECK_FALSE(between.structured->contains("next_before"));
}

TEST_CASE("dates are turned into ids: before a moment is below it, after a moment includes it") {
  Channel channel(10);
  channel.Read({{"before", "2026-05-01"}});
  const std::uint64_t midnight = SnowflakeAt(*ParseIsoTime("2026-05-01"));
  CHECK(Parameter(channel.script.client->requests()[0].url, "before") == midnight);

  ScriptedRest script([&](const net::HttpRequest&) {
    return Said(200,
                DumpJson(Json::array({Message(midnight + 1), Message(midnight), Message(midnight - 1)})));
  });
  FakeCallContext context;
  const ToolResult result =
      MustCall(ReadMessagesTool(script.rest), {{"channel_id", "1"}, {"after", "2026-05-01"}}, context);
  CHECK(result.structured->at("messages").size() == 2);
}

TEST_CASE("bounds that make no sense are refused with what to write") {
  Channel channel(10);
  for (const Json& bad : {Json{{"before", "soon"}}, Json{{"after", "2026-99-99"}},
                          Json{{"after", "9"}, {"before", "9"}}, Json{{"before", "0"}}}) {
    CAPTURE(DumpJson(bad));
    CHECK(ErrorOf(channel.Read(bad)).at("kind") == "invalid_request");
  }
  CHECK(channel.script.client->count() == 0);
}

TEST_CASE("a channel outside the key's list is refused before anything is asked") {
  Channel channel(10);
  FakeCallContext stranger({"discord:channel:2"});
  CHECK(absl::IsPermissionDenied(CallTool(channel.tool, {{"channel_id", "1"}}, stranger).status()));
  CHECK(channel.script.client->count() == 0);
}

TEST_CASE("an answer is bounded in size, and its cursor goes on where it ended") {
  Channel channel(400, std::string(2000, 'x'));
  const ToolResult result = channel.Read({{"limit", 400}});
  const std::size_t got = result.structured->at("messages").size();
  CHECK(got > 100);
  CHECK(got < 140);
  CHECK(DumpJson(*result.structured).size() < (300u << 10));
  const std::string next = result.structured->at("next_before");
  CHECK(channel.Ids(result).back() == next);
  CHECK(channel.Ids(channel.Read({{"before", next}, {"limit", 1}}))[0] ==
        std::to_string(*ParseSnowflake(next) - 1));
}

TEST_CASE("a stop between pages ends the reading") {
  Channel channel(1000);
  channel.context.set_on_progress([&] { channel.context.Stop(); });
  CHECK(ErrorOf(channel.Read({{"limit", 500}})).at("kind") == "stopped");
  CHECK(channel.script.client->count() == 1);
}

TEST_CASE("a page that fails keeps what was read before it, and says so") {
  Channel channel(1000);
  channel.context.set_on_progress([&] { channel.script.client->Then(Limited("user", "60")); });
  const ToolResult result = channel.Read({{"limit", 300}});
  CHECK_FALSE(result.is_error);
  CHECK(result.structured->at("messages").size() == 100);
  CHECK(result.structured->at("next_before") == "901");
  CHECK(result.structured->at("incomplete").get<std::string>().find("60000 ms") != std::string::npos);
}

TEST_CASE("an answer that is not a falling list of messages is not followed") {
  for (const char* body : {"{}", "null", R"([{"id":"x"}])", R"([3])", R"([{"id":"5"},{"id":"5"}])",
                           R"([{"id":"5"},{"id":"6"}])"}) {
    CAPTURE(body);
    ScriptedRest script([&](const net::HttpRequest&) { return Said(200, body); });
    FakeCallContext context;
    const ToolResult result = MustCall(ReadMessagesTool(script.rest), {{"channel_id", "1"}}, context);
    CHECK((result.is_error || result.structured->contains("incomplete")));
    CHECK(script.client->count() == 1);
  }
}

TEST_CASE("a message is shown as data: author, flags, text with its line breaks") {
  Json message = Message(5, "line one\nline two");
  message["author"] = {{"id", "8"}, {"username", "hook"}, {"global_name", "Ops\nAdmin"}, {"bot", true}};
  message["webhook_id"] = "8";
  message["edited_timestamp"] = "2026-01-02T00:00:00+00:00";
  message["message_reference"] = {{"message_id", "4"}, {"channel_id", "1"}};
  const Json shown = MessageForModel(message);
  CHECK(shown.at("content") == "line one\nline two");
  CHECK(shown.at("author") == Json{{"id", "8"}, {"name", "Ops Admin"}, {"bot", true}});
  CHECK(shown.at("webhook") == true);
  CHECK(shown.at("edited") == true);
  CHECK(shown.at("reply_to") == "4");
  CHECK_FALSE(MessageForModel(Message(5)).contains("webhook"));
  CHECK(MessageForModel(Message(5)).at("author").at("name") == "ann");
}

TEST_CASE("text that Discord keeps back is said to be hidden, not shown as empty") {
  CHECK(MessageForModel(Message(5, "")).at("content_hidden") == true);
  Json joined = Message(5, "");
  joined["type"] = 7;
  CHECK_FALSE(MessageForModel(joined).contains("content_hidden"));
  Json picture = Message(5, "");
  picture["attachments"] = Json::array({{{"filename", "a.png"}, {"size", 3}}});
  CHECK_FALSE(MessageForModel(picture).contains("content_hidden"));
  CHECK(StringOr(*Channel(3, "").Read({}).structured, "note", "").find("Message Content") !=
        std::string::npos);
  CHECK_FALSE(Channel(3).Read({}).structured->contains("note"));
}

TEST_CASE("a forwarded message does not bring another channel's text with it") {
  Json message = Message(5, "");
  message["message_reference"] = {{"type", 1}, {"message_id", "4"}, {"channel_id", "2"}};
  message["message_snapshots"] = Json::array({{{"message", {{"content", "canary-elsewhere"}}}}});
  const std::string text = DumpJson(MessageForModel(message));
  CHECK(text.find("canary-elsewhere") == std::string::npos);
  CHECK(text.find("reply_to") == std::string::npos);
}

TEST_CASE("file names are made safe to show") {
  struct Row {
    const char* name;
    const char* safe;
  };
  for (const Row& row :
       {Row{"cat.png", "cat.png"}, Row{"../../etc/passwd", "_.._etc_passwd"},
        Row{"a\\b:c*d?e\"f<g>h|i`j", "a_b_c_d_e_f_g_h_i_j"}, Row{"a\nb\x1b", "a b "},
        Row{"invoice\xe2\x80\xaegpj.exe", "invoice_gpj.exe"}, Row{"", "unnamed"}, Row{"...", "unnamed"},
        Row{"\xc3\xa9t\xc3\xa9.txt", "\xc3\xa9t\xc3\xa9.txt"}, Row{".bashrc", "bashrc"}}) {
    CAPTURE(row.name);
    CHECK(SafeFileName(row.name) == row.safe);
  }
  CHECK(SafeFileName(std::string(500, 'x')).size() <= 110);
}

TEST_CASE("odd shapes of messages do no harm") {
  for (const char* text :
       {"{}", R"({"author":3,"attachments":[1,null],"embeds":[[]],"content":5,"type":"x"})",
        R"({"author":{},"message_reference":[],"attachments":[{"filename":9,"size":-1}]})"}) {
    CAPTURE(text);
    const Json shown = MessageForModel(*ParseJson(text));
    CHECK(shown.contains("content"));
    CHECK(shown.at("author").contains("name"));
  }
}

}  // namespace
}  // namespace mcpgate
