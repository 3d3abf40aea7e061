#include "discord/bot.h"

#include <doctest/doctest.h>

#include "mcpgate/version.h"
#include "tool/catalog.h"
#include "unit/discord/scripted.h"

namespace mcpgate {
namespace {

using namespace testing;

DiscordOptions Options() {
  DiscordOptions options;
  options.bot_token = Secret(kToken);
  return options;
}

TEST_CASE("what is left out gets its default") {
  const auto options = CheckDiscordOptions(Options());
  REQUIRE(options.ok());
  CHECK(options->base_url == "https://discord.com/api/v10");
  CHECK(options->user_agent == std::string("DiscordBot (" MCPGATE_HOMEPAGE ", ") + kVersion + ")");
  CHECK(options->nonce_key.size() == 32);
}

TEST_CASE("options that cannot work, or would show the token, are refused without showing it") {
  using Change = std::function<void(DiscordOptions&)>;
  for (const Change& change : std::vector<Change>{
           [](auto& o) { o.bot_token = Secret(); },
           [](auto& o) { o.bot_token = Secret("canary-bot-token-6b1f\n"); },
           [](auto& o) { o.bot_token = Secret("canary-bot token-6b1f"); },
           [](auto& o) { o.base_url = ""; },
           [](auto& o) { o.base_url = "discord.com/api/v10"; },
           [](auto& o) { o.base_url = "ftp://discord.com"; },
           [](auto& o) { o.base_url = "http://discord.com/api/v10"; },
           [](auto& o) { o.base_url = "https://user:pass@discord.com"; },
           [](auto& o) { o.base_url = "https://discord.com/?x=1"; },
           [](auto& o) { o.user_agent = "a\r\nb"; },
           [](auto& o) { o.max_attempts = 0; },
           [](auto& o) { o.global_per_second = 0; },
           [](auto& o) { o.request_timeout = Nanos(0); },
           [](auto& o) { o.max_wait = Nanos(-1); },
           [](auto& o) { o.clock = nullptr; },
       }) {
    DiscordOptions options = Options();
    change(options);
    const auto discord = Discord::New(std::move(options));
    CHECK(discord.status().code() == absl::StatusCode::kInvalidArgument);
    CHECK(discord.status().ToString().find("canary") == std::string::npos);
  }
}

TEST_CASE("a path may end in a slash, and any prefix will do") {
  DiscordOptions options = Options();
  options.base_url = "http://127.0.0.1:4010//";
  CHECK(CheckDiscordOptions(options)->base_url == "http://127.0.0.1:4010");
}

TEST_CASE("the bot tells its name, or why it cannot") {
  FakeClock clock;
  DiscordOptions options = Options();
  options.clock = &clock;
  auto owned = std::make_unique<ScriptedClient>([](const net::HttpRequest&) { return Said(401); });
  ScriptedClient& client = *owned;
  client.Then(Said(200, R"({"id":"1","username":"gatebot"})"));
  client.Then(Said(200, "[]"));
  const auto discord =
      NewDiscord(options, {std::move(owned), std::make_unique<FakePause>(clock), [] { return 0.0; }});
  REQUIRE(discord.ok());
  CHECK((*discord)->WhoAmI({}, seconds(2)).value_or("") == "gatebot");
  CHECK(client.requests()[0].url == "https://discord.com/api/v10/users/@me");
  CHECK(client.requests()[0].timeout == seconds(2));
  CHECK((*discord)->WhoAmI({}).status().message().find("does not speak Discord's API") != std::string::npos);
  CHECK((*discord)->WhoAmI({}).status().message().find("bot token") != std::string::npos);
  CHECK_FALSE((*discord)->Concern().empty());
}

TEST_CASE("the tools register under their names, with schemas that compile") {
  const auto discord = Discord::New(Options());
  REQUIRE(discord.ok());
  Registry registry;
  REQUIRE(AddDiscordTools(registry, *discord).ok());
  REQUIRE(AddStatusTool(registry, {.discord = *discord}).ok());
  for (const char* name : {"discord_send_message", "discord_read_messages", "discord_get_channel",
                           "discord_list_channels", "check_server_status"}) {
    CAPTURE(name);
    REQUIRE(registry.catalog()->tools.Find(name) != nullptr);
    const Tool& tool = registry.catalog()->tools.Find(name)->tool();
    CHECK_FALSE(tool.title.empty());
    CHECK(tool.description.size() > 60);
    CHECK(tool.output_schema.has_value());
    CHECK(tool.annotations.read_only == (tool.role == Role::kReader));
  }
  CHECK(AddDiscordTools(registry, *discord).code() == absl::StatusCode::kAlreadyExists);
  CHECK(AddDiscordTools(registry, nullptr).code() == absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace mcpgate
