// mcpgate setup, as a process.
#include <doctest/doctest.h>

#include <string>

#include "command_line.h"
#include "common/json_text.h"

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

struct SetupOf : CommandLine {
  std::string url = "http://127.0.0.1:8808/mcp";

  // Relative to the home that the program is given.
  Json Config(const std::string& name, JsonDialect dialect = JsonDialect::kStrict) const {
    return ParseJsonText(ReadFile(dir / name), dialect).value_or(Json::object());
  }
  bool HoldsKey(const std::string& name) const {
    return ReadFile(dir / name).find("mcpg_k_") != std::string::npos;
  }
};

TEST_CASE_FIXTURE(SetupOf, "Claude Code is configured for a server on this machine by the key's file") {
  testing::WriteFile(dir / ".claude.json", R"({"projects": {"/p": {"mcpServers": {}}}, "numStartups": 1.0})");
  const Json done = Ask({"setup", "claude-code", "--url", url, "--role", "writer", "--channel", "*"});
  const Json config = Config(".claude.json");
  const Json entry = config["mcpServers"]["mcpgate"];
  CHECK(entry["type"] == "http");
  CHECK(entry["url"] == url);
  CHECK(StringOr(entry, "headersHelper", "").find(StringOr(done, "key_file", "?")) != std::string::npos);
  CHECK_FALSE(HoldsKey(".claude.json"));
  CHECK(config["projects"]["/p"]["mcpServers"] == Json::object());
  CHECK(Ask({"keys", "list"})["keys"][0]["name"] == "claude-code");
}

TEST_CASE_FIXTURE(SetupOf, "Cursor is told the variable, and whoever sets it up the way to set that") {
  const Ended ended = Call({"setup", "cursor", "--url", url});
  CHECK(ended.code == 0);
  CHECK(ended.out.find("MCPGATE_API_KEY=") != std::string::npos);
  CHECK(Config(".cursor/mcp.json")["mcpServers"]["mcpgate"]["url"] == url);
  CHECK_FALSE(HoldsKey(".cursor/mcp.json"));
}

TEST_CASE_FIXTURE(SetupOf, "VS Code asks for the key once, and its comments stay") {
  testing::WriteFile(dir / ".config/Code/User/mcp.json", "{\n  // servers of mine\n  \"servers\": {},\n}\n");
  Ask({"setup", "vscode", "--url", url});
  Ask({"setup", "vscode", "--url", url, "--server-name", "second"});
  const Json config = Config(".config/Code/User/mcp.json", JsonDialect::kComments);
  CHECK(config["servers"]["mcpgate"]["headers"]["Authorization"] == "Bearer ${input:mcpgate-key}");
  CHECK(config["servers"].contains("second"));
  CHECK(config["inputs"].size() == 1);
  CHECK(ReadFile(dir / ".config/Code/User/mcp.json").find("// servers of mine") != std::string::npos);
}

TEST_CASE_FIXTURE(SetupOf,
                  "Claude Desktop reaches a server over a bridge that reads the header from a file") {
  const Json done = Ask({"setup", "claude-desktop", "--url", url});
  const std::string header = StringOr(done, "header_file", "");
  CHECK(ReadFile(header) == "Authorization: Bearer " + ReadFile(StringOr(done, "key_file", "")));
  CHECK(testing::ModeOf(header) == 0600);
  CHECK_FALSE(HoldsKey(".config/Claude/claude_desktop_config.json"));
}

TEST_CASE_FIXTURE(SetupOf, "a client of another kind gets the key itself when that is asked for") {
  const std::string file = dir / "client.json";
  Ask({"setup", "http", "--url", url, "--config", file, "--inline-key"});
  const std::string value =
      StringOr(Config("client.json")["mcpServers"]["mcpgate"]["headers"], "Authorization", "");
  CHECK(value.starts_with("Bearer mcpg_k_"));
  CHECK(testing::ModeOf(file) == 0600);
}

TEST_CASE_FIXTURE(SetupOf, "print shows VS Code's own shape and changes nothing") {
  const Ended ended = Call({"setup", "vscode", "--url", url, "--print"});
  CHECK(ended.code == 0);
  const Json shown = ParseJson(ended.out).value_or(Json());
  CHECK(shown["servers"]["mcpgate"]["type"] == "http");
  CHECK(shown["inputs"][0]["type"] == "promptString");
  CHECK_FALSE(std::filesystem::exists(data));
  CHECK_FALSE(std::filesystem::exists(dir / ".config"));
}

TEST_CASE_FIXTURE(SetupOf, "a server elsewhere is set up with a key that was made there") {
  const std::string far = "https://mcp.example.com/mcp";
  const Ended none = Call({"setup", "cursor", "--url", far});
  CHECK(none.code == 1);
  CHECK(none.err.find("--key-file") != std::string::npos);
  testing::WriteFile(dir / "team.key", "mcpg_k_elsewhere\n");
  Ask({"setup", "cursor", "--url", far, "--key-file", dir / "team.key"});
  CHECK(Config(".cursor/mcp.json")["mcpServers"]["mcpgate"]["url"] == far);
  CHECK_FALSE(std::filesystem::exists(data));
}

TEST_CASE_FIXTURE(SetupOf, "what does not go together is refused with the way out") {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"claude-code", "--url", "http://mcp.example.com/mcp"}, "--insecure"},
      {{"claude-code", "--url", "ftp://localhost/"}, "neither http nor https"},
      {{"claude-code", "--url", "https://me:secret@localhost/mcp"}, "user or password"},
      {{"claude-code", "--url", url, "--sandbox"}, "leave them away"},
      {{"claude-code", "--url", url, "--inline-key", "--project"}, "shared"},
      {{"claude-desktop", "--url", url, "--inline-key"}, "no place for a header"},
      {{"cursor"}, "--discord-token-file"},
      {{"http"}, "--config"},
      {{"http", "--print"}, "--url"},
      {{"claude-desktop", "--project"}, "project"},
      {{"vscode", "--print", "--undo"}, "--undo"},
  };
  for (auto [words, expected] : cases) {
    words.insert(words.begin(), "setup");
    CAPTURE(words.back());
    const Ended ended = Call(words);
    CHECK(ended.code != 0);
    CHECK(ended.err.find(expected) != std::string::npos);
    CHECK(ended.err.find("secret@") == std::string::npos);
  }
  CHECK(testing::NamesIn(dir.path()).empty());
}

}  // namespace
}  // namespace mcpgate::hosts
