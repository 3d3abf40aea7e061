#include <doctest/doctest.h>

#include <future>

#include "discord/tools.h"
#include "unit/discord/tool_call.h"

namespace mcpgate {
namespace {

using namespace testing;

class FakeDiscord : public Discord {
 public:
  absl::StatusOr<std::string> WhoAmI(std::stop_token stop, Nanos patience) override {
    ++asked;
    last_patience = patience;
    if (during) during();
    if (stop.stop_requested()) return absl::CancelledError("stopped");
    return answer;
  }
  std::string Concern() const override { return concern; }

  std::atomic<int> asked = 0;
  Nanos last_patience{0};
  absl::StatusOr<std::string> answer = std::string("gatebot");
  std::string concern;
  std::function<void()> during;

 private:
  std::shared_ptr<DiscordRest> rest() override { return nullptr; }
};

struct Fixture {
  Fixture() : tool(ServerStatusTool(With())) {}
  StatusSources With() {
    return {
        .store = [this] { return store; }, .discord = discord, .server_version = "9.8.7", .clock = &clock};
  }
  Json Look() {
    FakeCallContext context;
    return Look(context);
  }
  Json Look(FakeCallContext& context) {
    auto result = tool.handler(Json::object(), context);
    REQUIRE(result.ok());
    CHECK_FALSE(result->is_error);
    const std::string complaints = Complaints(*tool.output_schema, *result->structured);
    CHECK_MESSAGE(complaints.empty(), complaints);
    return *result->structured;
  }

  FakeClock clock;
  absl::Status store;
  std::shared_ptr<FakeDiscord> discord = std::make_shared<FakeDiscord>();
  Tool tool;
};

TEST_CASE_FIXTURE(Fixture, "version, uptime, store, Discord and the caller's limits are told") {
  clock.Advance(seconds(90));
  const Json told = Look();
  CHECK(told.at("version") == "9.8.7");
  CHECK(told.at("uptime_seconds") == 90);
  CHECK(told.at("store") == Json{{"ok", true}});
  CHECK(told.at("discord") == Json{{"ok", true}, {"bot", "gatebot"}});
  CHECK(told.at("limits").at(0).at("limit") == "posting");
  CHECK(tool.annotations.read_only);
  CHECK(tool.role == Role::kReader);
}

TEST_CASE_FIXTURE(Fixture, "troubles are told in their own words") {
  store = absl::UnavailableError("the disk is full");
  discord->answer = absl::UnavailableError("Discord cannot be reached");
  discord->concern = "many refusals";
  const Json told = Look();
  CHECK(told.at("store") == Json{{"ok", false}, {"problem", "the disk is full"}});
  CHECK(told.at("discord") ==
        Json{{"ok", false}, {"problem", "Discord cannot be reached"}, {"concern", "many refusals"}});
}

TEST_CASE_FIXTURE(Fixture, "Discord is asked every ten seconds at the most, and for two") {
  for (int i = 0; i < 50; ++i) Look();
  CHECK(discord->asked == 1);
  CHECK(discord->last_patience <= seconds(2));
  clock.Advance(seconds(9));
  Look();
  CHECK(discord->asked == 1);
  clock.Advance(seconds(1));
  Look();
  CHECK(discord->asked == 2);
}

TEST_CASE_FIXTURE(Fixture, "while one caller asks, another gets the answer before, and does not wait") {
  Json inside;
  discord->during = [&] { inside = Look(); };
  Look();
  CHECK(inside.at("discord").at("ok") == false);
  clock.Advance(seconds(11));
  Look();
  CHECK(inside.at("discord").at("bot") == "gatebot");
  CHECK(discord->asked == 2);
}

TEST_CASE_FIXTURE(Fixture, "a caller who gives up says nothing about Discord") {
  Look();
  clock.Advance(seconds(11));
  FakeCallContext context;
  context.Stop();
  CHECK(Look(context).at("discord").at("ok") == true);
}

TEST_CASE("without store and Discord nothing is said about them") {
  const Tool tool = ServerStatusTool({});
  FakeCallContext context;
  const auto result = tool.handler(Json::object(), context);
  REQUIRE(result.ok());
  CHECK_FALSE(result->structured->contains("store"));
  CHECK_FALSE(result->structured->contains("discord"));
  CHECK_FALSE(result->structured->at("version").get<std::string>().empty());
}

}  // namespace
}  // namespace mcpgate
