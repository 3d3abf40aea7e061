// mcpgate setup claude-desktop, as a process.
#include <doctest/doctest.h>

#include <string>

#include "command_line.h"

namespace mcpgate::hosts {
namespace {

using testing::CommandLine;
using testing::Ended;
using testing::ReadFile;

struct Setup : CommandLine {
  std::string config = dir / "Claude/claude_desktop_config.json";

  std::vector<std::string> Words(std::vector<std::string> more) const {
    std::vector<std::string> words = {"setup", "claude-desktop", "--config", config};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  Json Entry() const {
    Json json = ParseJson(ReadFile(config)).value_or(Json());
    return json.is_object() ? json["mcpServers"]["mcpgate"] : Json();
  }
};

TEST_CASE_FIXTURE(Setup, "set-up makes a key and names its file, never the key itself") {
  const Json done = Ask(Words({"--sandbox", "--role", "writer", "--channel", "*"}));
  const Json entry = Entry();
  CHECK(entry["command"] == testing::kMcpgateStdio);
  CHECK(entry["args"] == Json{"--data", data, "--sandbox"});
  const std::string key_file = StringOr(entry["env"], "MCPGATE_API_KEY_FILE", "");
  CHECK(testing::ModeOf(key_file) == 0600);
  const std::string token = ReadFile(key_file);
  CHECK(token.starts_with("mcpg_k_" + StringOr(done, "key_id", "?")));
  CHECK(ReadFile(config).find("mcpg_k_") == std::string::npos);
  const Json keys = Ask({"keys", "list"});
  REQUIRE(keys["keys"].size() == 1);
  CHECK(keys["keys"][0]["role"] == "writer");
  CHECK(keys["keys"][0]["name"] == "claude-desktop");
}

TEST_CASE_FIXTURE(Setup, "set-up again uses the same key and replaces the entry") {
  Ask(Words({"--sandbox"}));
  const Json again = Ask(Words({"--sandbox"}));
  CHECK(again["replaced"] == true);
  CHECK(FindMember(again, "key_id") == nullptr);
  CHECK(Ask({"keys", "list"})["keys"].size() == 1);
}

TEST_CASE_FIXTURE(Setup, "rights are not given to a key that exists") {
  Ask(Words({"--sandbox"}));
  const std::string before = ReadFile(config);
  const Ended ended = Call(Words({"--sandbox", "--role", "admin"}));
  CHECK(ended.code == 1);
  CHECK(ReadFile(config) == before);
}

TEST_CASE_FIXTURE(Setup, "a key file whose key was revoked is refused") {
  const Json done = Ask(Words({"--sandbox"}));
  Ask({"keys", "revoke", StringOr(done, "key_id", "")});
  const Ended ended = Call(Words({"--sandbox"}));
  CHECK(ended.code == 1);
  CHECK(ended.err.find("revoked") != std::string::npos);
}

TEST_CASE_FIXTURE(Setup, "a file that cannot be extended stays, and no key is made") {
  testing::WriteFile(config, "{ not json");
  CHECK(Call(Words({"--sandbox"})).code == 1);
  CHECK(ReadFile(config) == "{ not json");
  CHECK_FALSE(std::filesystem::exists(data));
}

TEST_CASE_FIXTURE(Setup, "print shows the entry and changes nothing") {
  const Ended ended = Call(Words({"--sandbox", "--print"}));
  CHECK(ended.code == 0);
  const absl::StatusOr<Json> shown = ParseJson(ended.out);
  REQUIRE(shown.ok());
  CHECK((*shown)["mcpServers"]["mcpgate"]["command"] == testing::kMcpgateStdio);
  CHECK(ended.err.find("keys create") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(config));
  CHECK_FALSE(std::filesystem::exists(data));
}

TEST_CASE_FIXTURE(Setup, "undo brings back what was there") {
  testing::WriteFile(config, "{\"mcpServers\": {\"other\": 1}}");
  Ask(Words({"--sandbox"}));
  const Json undone = Ask(Words({"--undo"}));
  CHECK(undone["removed"] == false);
  CHECK(ReadFile(config) == "{\"mcpServers\": {\"other\": 1}}");
  CHECK(Call(Words({"--undo"})).code == 1);
}

TEST_CASE_FIXTURE(Setup,
                  "the file of a bot token is named when it can be read, and refused when others can") {
  const std::string token = dir / "bot.token";
  testing::WriteFile(token, "abc", 0644);
  CHECK(Call(Words({"--discord-token-file", token})).code == 1);
  CHECK_FALSE(std::filesystem::exists(config));
  testing::WriteFile(token, "abc", 0600);
  Ask(Words({"--discord-token-file", token}));
  CHECK(StringOr(Entry()["env"], "MCPGATE_DISCORD_TOKEN_FILE", "") == token);
}

}  // namespace
}  // namespace mcpgate::hosts
