// The tools against the sandbox, through libcurl and the public interface alone.
#include "sandbox/sandbox.h"

#include <doctest/doctest.h>

#include <future>
#include <set>
#include <thread>

#include "mcpgate/discord.h"
#include "tool/catalog.h"
#include "unit/discord/tool_call.h"

namespace mcpgate {
namespace {

using namespace testing;
using std::chrono::steady_clock;

const SandboxRoute kCreate{"POST", "/messages"};
const SandboxRoute kHistory{"GET", "/messages"};

struct Stage {
  explicit Stage(SandboxOptions sandbox_options = {}, DiscordOptions options = {}) {
    sandbox_options.bot_token = Secret(kToken);
    auto started = Sandbox::Start(std::move(sandbox_options));
    REQUIRE_MESSAGE(started.ok(), started.status().ToString());
    sandbox = *std::move(started);
    if (options.bot_token.empty()) options.bot_token = Secret(kToken);
    options.base_url = sandbox->base_url();
    auto made = Discord::New(std::move(options));
    REQUIRE_MESSAGE(made.ok(), made.status().ToString());
    discord = *std::move(made);
    REQUIRE(AddDiscordTools(registry, discord).ok());
    general = sandbox->ChannelId("general");
  }

  ToolResult Call(std::string_view tool, const Json& arguments) {
    FakeCallContext context({"*"}, fmt::format("call-{}", ++calls));
    return Call(tool, arguments, context);
  }
  ToolResult Call(std::string_view tool, const Json& arguments, CallContext& context) {
    return MustCall(registry.catalog()->tools.Find(tool)->tool(), arguments, context);
  }
  ToolResult Send(std::string content) {
    return Call("discord_send_message", {{"channel_id", general}, {"content", std::move(content)}});
  }
  /// Messages that requests made, by their text.
  std::multiset<std::string> Created() const {
    std::multiset<std::string> texts;
    for (const SandboxMessage& message : sandbox->Messages(general)) {
      if (message.created_here) texts.insert(message.content);
    }
    return texts;
  }

  std::unique_ptr<Sandbox> sandbox;
  std::shared_ptr<Discord> discord;
  Registry registry;
  std::string general;
  std::atomic<int> calls{0};
};

TEST_CASE("a message is sent and read back") {
  Stage stage;
  const ToolResult sent = stage.Send("hello, line one\nline two");
  REQUIRE_FALSE(sent.is_error);
  const ToolResult read = stage.Call("discord_read_messages", {{"channel_id", stage.general}, {"limit", 1}});
  const Json& message = read.structured->at("messages").at(0);
  CHECK(message.at("id") == sent.structured->at("message_id"));
  CHECK(message.at("content") == "hello, line one\nline two");
  CHECK(message.at("author").at("id") == stage.sandbox->bot_id());
  CHECK(message.at("author").at("bot") == true);
}

TEST_CASE("the bot's name, its channels and one of them are found") {
  Stage stage;
  CHECK(stage.discord->WhoAmI({}).ok());
  FakeCallContext context({"discord:channel:" + stage.general});
  const ToolResult list = stage.Call("discord_list_channels", Json::object(), context);
  REQUIRE(list.structured->at("channels").size() == 1);
  CHECK(list.structured->at("channels").at(0).at("name") == "general");
  const ToolResult one = stage.Call("discord_get_channel", {{"channel_id", stage.general}});
  CHECK(one.structured->at("guild_id") == stage.sandbox->guild_id());
  CHECK(one.structured->at("takes_messages") == true);
}

TEST_CASE("whatever becomes of an answer, the message is there once") {
  struct Row {
    const char* what;
    std::vector<SandboxFault> faults;
  };
  SandboxFault answered_500 = SandboxFault::Status(500);
  answered_500.commit = true;
  SandboxFault cut_inside;
  cut_inside.cut = SandboxFault::Cut::kInAnswer;
  cut_inside.commit = true;
  for (const Row& row : {
           Row{"cut before commit", {SandboxFault::CutBeforeCommit()}},
           Row{"cut after commit", {SandboxFault::CutAfterCommit()}},
           Row{"cut inside the answer", {cut_inside}},
           Row{"500 after commit", {answered_500}},
           Row{"502", {SandboxFault::Status(502)}},
           Row{"cut twice", {SandboxFault::CutAfterCommit(), SandboxFault::CutAfterCommit()}},
           Row{"503, then cut", {SandboxFault::Status(503), SandboxFault::CutAfterCommit()}},
           Row{"429, then cut",
               {SandboxFault::RateLimited("user", milliseconds(20)), SandboxFault::CutAfterCommit()}},
       }) {
    CAPTURE(row.what);
    Stage stage;
    CHECK_FALSE(stage.Send("warm").is_error);  // so that a kept connection is cut
    for (const SandboxFault& fault : row.faults) stage.sandbox->FailNext(kCreate, fault);
    const ToolResult sent = stage.Send("once");
    CHECK_FALSE(sent.is_error);
    CHECK(stage.Created().count("once") == 1);
    CHECK(sent.structured->at("message_id") == stage.sandbox->Messages(stage.general).back().id);
  }
}

TEST_CASE("an answer lost each time is unknown; the same idempotency key settles it with one message") {
  Stage stage;
  SandboxFault fault = SandboxFault::CutAfterCommit();
  fault.times = 3;
  stage.sandbox->FailNext(kCreate, fault);
  const Json arguments = {{"channel_id", stage.general}, {"content", "once"}, {"idempotency_key", "mine"}};
  const ToolResult lost = stage.Call("discord_send_message", arguments);
  CHECK(lost.outcome_unknown);
  const ToolResult settled = stage.Call("discord_send_message", arguments);
  CHECK_FALSE(settled.is_error);
  CHECK(stage.Created().count("once") == 1);
  CHECK(stage.sandbox->counters().deduplicated == 3);
}

TEST_CASE("a slow answer is asked for again after the timeout, and the message is there once") {
  Stage stage({}, {.request_timeout = milliseconds(200)});
  stage.sandbox->FailNext(kCreate, SandboxFault::Delay(seconds(30)));
  CHECK_FALSE(stage.Send("once").is_error);
  CHECK(stage.Created().count("once") == 1);
}

TEST_CASE("each 429 is waited out by its fraction") {
  for (const char* scope : {"user", "global", "shared"}) {
    CAPTURE(scope);
    Stage stage;
    CHECK_FALSE(stage.Send("warm").is_error);
    stage.sandbox->FailNext(kCreate, SandboxFault::RateLimited(scope, milliseconds(120)));
    const auto before = steady_clock::now();
    CHECK_FALSE(stage.Send("late").is_error);
    const auto took = steady_clock::now() - before;
    CHECK(took >= milliseconds(120));
    CHECK(took < milliseconds(900));
    CHECK(stage.Created().count("late") == 1);
  }
}

TEST_CASE(
    "many senders on one bucket are paced by its headers: not one 429, not one message lost or doubled") {
  Stage stage({.create = {4, milliseconds(150)}}, {.max_wait = seconds(30)});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 6; ++i) CHECK_FALSE(stage.Send(fmt::format("{}-{}", t, i)).is_error);
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(stage.sandbox->counters().rate_limited == 0);
  const std::multiset<std::string> created = stage.Created();
  CHECK(created.size() == 24);
  CHECK(std::set<std::string>(created.begin(), created.end()).size() == 24);
}

TEST_CASE("a limit that is further away than a call may wait comes back as data") {
  Stage stage({.create = {1, seconds(60)}}, {.max_wait = milliseconds(100)});
  CHECK_FALSE(stage.Send("first").is_error);
  const ToolResult second = stage.Send("second");
  CHECK(ErrorOf(second).at("kind") == "rate_limited");
  CHECK(ErrorOf(second).at("retry_after_ms") > 50'000);
  CHECK(second.nothing_happened);
  CHECK(stage.Created().count("second") == 0);
  CHECK(stage.sandbox->counters().rate_limited == 0);
}

TEST_CASE("after a ban of the edge nothing more is sent for its time") {
  Stage stage;
  stage.sandbox->FailNext(kCreate, SandboxFault::CloudflareBan());
  CHECK(ErrorOf(stage.Send("x")).at("kind") == "rate_limited");
  const auto requests = stage.sandbox->counters().requests;
  CHECK(ErrorOf(stage.Send("y")).at("kind") == "rate_limited");
  CHECK(ErrorOf(stage.Call("discord_get_channel", {{"channel_id", stage.general}})).at("kind") ==
        "rate_limited");
  CHECK(stage.sandbox->counters().requests == requests);
}

TEST_CASE("a wrong token is tried once") {
  Stage stage({}, {.bot_token = Secret("canary-wrong-token-77aa")});
  for (int i = 0; i < 3; ++i) {
    const ToolResult result = stage.Send("x");
    CHECK(ErrorOf(result).at("kind") == "bad_bot_token");
    CHECK(TextOf(result).find("canary") == std::string::npos);
  }
  CHECK(stage.sandbox->counters().requests == 1);
}

TEST_CASE("no send without silent mentions and an enforced nonce; nobody sees the token") {
  Stage stage;
  stage.sandbox->FailNext(kCreate, SandboxFault::CutBeforeCommit());
  stage.Send("@everyone");
  stage.Call("discord_send_message", {{"channel_id", stage.general},
                                      {"content", "reply"},
                                      {"reply_to", stage.sandbox->Messages(stage.general).back().id}});
  int sends = 0;
  for (const SandboxRequest& request : stage.sandbox->RequestLog()) {
    if (request.method != "POST") continue;
    ++sends;
    const auto body = ParseJson(request.body);
    REQUIRE(body.ok());
    CHECK(body->at("allowed_mentions") == Json{{"parse", Json::array()}});
    CHECK(body->at("enforce_nonce") == true);
    REQUIRE(request.Header("User-Agent") != nullptr);
    CHECK(request.Header("User-Agent")->starts_with("DiscordBot ("));
    CHECK(*request.Header("Authorization") == "valid");
  }
  CHECK(sends == 3);
}

TEST_CASE("Discord's refusals reach the model with its own details") {
  Stage stage;
  CHECK(TextOf(stage.Call("discord_get_channel", {{"channel_id", "1"}})).find("channel unknown") !=
        std::string::npos);
  const ToolResult spaces = stage.Send("   ");
  CHECK(ErrorOf(spaces).at("kind") == "invalid_request");
  CHECK(spaces.nothing_happened);
  CHECK(stage.Created().empty());
}

TEST_CASE("a dry run leaves no trace") {
  Stage stage;
  const ToolResult dry = stage.Call("discord_send_message",
                                    {{"channel_id", stage.general}, {"content", "x"}, {"dry_run", true}});
  CHECK(dry.nothing_happened);
  CHECK(stage.Created().empty());
  for (const SandboxRequest& request : stage.sandbox->RequestLog()) CHECK(request.method == "GET");
}

TEST_CASE("a long history is read page by page, without a gap") {
  Stage stage;
  std::vector<std::string> expected;
  for (const SandboxMessage& message : stage.sandbox->Messages(stage.general)) expected.push_back(message.id);
  REQUIRE(expected.size() > 250);
  std::vector<std::string> ids;
  Json arguments = {{"channel_id", stage.general}, {"limit", 220}};
  for (bool more = true; more;) {
    const ToolResult result = stage.Call("discord_read_messages", arguments);
    REQUIRE_FALSE(result.is_error);
    for (const Json& message : result.structured->at("messages")) ids.insert(ids.begin(), message.at("id"));
    more = result.structured->contains("next_before");
    if (more) arguments["before"] = result.structured->at("next_before");
  }
  CHECK((ids == expected));
}

TEST_CASE("hidden content is said to be hidden") {
  Stage stage({.message_content = false});
  const ToolResult result = stage.Call("discord_read_messages", {{"channel_id", stage.general}});
  CHECK(result.structured->contains("note"));
}

TEST_CASE("an answer beyond every bound is given up") {
  Stage stage;
  SandboxFault huge;
  huge.status = 200;
  huge.body = "[\"" + std::string(9u << 20, 'x') + "\"]";
  stage.sandbox->FailNext(kHistory, huge);
  const ToolResult result = stage.Call("discord_read_messages", {{"channel_id", stage.general}});
  CHECK(TextOf(result).find("larger than") != std::string::npos);
}

TEST_CASE("a cancelled call ends at once, and says that its outcome is unknown when it was on its way") {
  Stage stage;
  stage.sandbox->FailNext(kCreate, SandboxFault::Delay(seconds(30)));
  FakeCallContext context;
  auto sending = std::async(std::launch::async, [&] {
    return stage.Call("discord_send_message", {{"channel_id", stage.general}, {"content", "x"}}, context);
  });
  while (stage.sandbox->counters().faults == 0) std::this_thread::yield();
  const auto before = steady_clock::now();
  context.Stop();
  const ToolResult result = sending.get();
  CHECK(steady_clock::now() - before < seconds(5));
  CHECK(result.outcome_unknown);
  CHECK(ErrorOf(result).at("kind") == "stopped");
}

TEST_CASE("a server that is gone is unreachable, and nothing was sent") {
  Stage stage;
  stage.sandbox.reset();
  const ToolResult result = stage.Send("x");
  CHECK(ErrorOf(result).at("kind") == "unreachable");
  CHECK(result.nothing_happened);
  CHECK_FALSE(stage.discord->WhoAmI({}, seconds(2)).ok());
}

}  // namespace
}  // namespace mcpgate
