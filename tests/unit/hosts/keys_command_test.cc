// mcpgate keys, as a process.
#include <doctest/doctest.h>

#include <string>

#include "command_line.h"
#include "http_host.h"

namespace mcpgate::hosts {
namespace {

using testing::CommandLine;
using testing::Ended;

std::string Id(const Json& created) { return StringOr(*FindObject(created, "key"), "id", ""); }

TEST_CASE_FIXTURE(CommandLine, "a key is made, listed, shown and revoked") {
  const Json created = Create({"--role", "writer", "--channel", "41771983423143937", "--channel", "*",
                               "--deny-tool", "discord_list_*", "--expires", "30d", "--tenant", "acme"});
  const std::string id = Id(created);
  CHECK(id.size() == 12);
  CHECK(StringOr(created, "token", "").starts_with("mcpg_k_" + id + "_"));
  const Json& key = created["key"];
  CHECK(key["state"] == "live");
  CHECK(key["role"] == "writer");
  CHECK(key["tenant"] == "acme");
  CHECK(key["resources"] == Json{"discord:channel:41771983423143937", "discord:channel:*"});
  CHECK(key["deny_tools"] == Json{"discord_list_*"});
  CHECK(key["expires_at"].is_string());
  CHECK(key["revoked_at"].is_null());

  CHECK(Ask({"keys", "list"})["keys"] == Json::array({key}));
  CHECK(Ask({"keys", "show", id})["key"] == key);

  const Json revoked = Ask({"keys", "revoke", id});
  CHECK(revoked["key"]["state"] == "revoked");
  CHECK(Ask({"keys", "list"})["keys"].empty());
  CHECK(Ask({"keys", "list", "--all"})["keys"].size() == 1);
  CHECK(Ask({"audit", "verify"})["state"] == "intact");
}

TEST_CASE_FIXTURE(CommandLine, "every change leaves its intent and its outcome, and never the token") {
  const Json created = Create({"--role", "writer"});
  const std::string id = Id(created);
  Ask({"keys", "revoke", id});
  const std::vector<Json> records = AskLines({"audit", "tail"});
  REQUIRE(records.size() == 4);
  const char* expected[4][4] = {{"keys.create", "intent", "allow", ""},
                                {"keys.create", "outcome", "ok", id.c_str()},
                                {"keys.revoke", "intent", "allow", id.c_str()},
                                {"keys.revoke", "outcome", "ok", id.c_str()}};
  for (std::size_t i = 0; i < 4; ++i) {
    CAPTURE(i);
    CHECK(StringOr(records[i], "action", "") == expected[i][0]);
    CHECK(StringOr(records[i], "phase", "") == expected[i][1]);
    CHECK(StringOr(records[i], "outcome", "") == expected[i][2]);
    CHECK(StringOr(records[i], "key", "") == expected[i][3]);
    CHECK(StringOr(records[i], "class", "") == "admin");
    CHECK(DumpJson(records[i]).find(StringOr(created, "token", "?").substr(20)) == std::string::npos);
  }
  CHECK(records[0]["call"] == records[1]["call"]);
  CHECK(records[1]["call"] != records[2]["call"]);
  CHECK(records[0]["fields"]["role"] == "writer");
}

TEST_CASE_FIXTURE(CommandLine, "a token goes to a file that only its owner can read, and nowhere else") {
  const std::string path = dir / "laptop.key";
  const Json created = Create({"--key-file", path});
  CHECK(FindMember(created, "token") == nullptr);
  CHECK(testing::ModeOf(path) == 0600);
  CHECK(testing::ReadFile(path).starts_with("mcpg_k_" + Id(created)));
}

TEST_CASE_FIXTURE(CommandLine, "an existing file is never replaced, and no key is made for it") {
  const std::string path = dir / "laptop.key";
  testing::WriteFile(path, "precious");
  const Ended ended = Call({"keys", "create", "--name", "x", "--key-file", path});
  CHECK(ended.code == 1);
  CHECK(testing::ReadFile(path) == "precious");
  CHECK(Ask({"keys", "list", "--all"})["keys"].empty());
}

TEST_CASE_FIXTURE(CommandLine, "a person is shown the token once, and how to use it") {
  const Ended ended = Call({"keys", "create", "--name", "laptop"});
  CHECK(ended.code == 0);
  CHECK(ended.out.find("\n  mcpg_k_") != std::string::npos);
  CHECK(ended.out.find("MCPGATE_API_KEY_FILE") != std::string::npos);
  CHECK(ended.err.find("--channel") != std::string::npos);
}

TEST_CASE_FIXTURE(CommandLine, "a pasted token is understood as its id and not repeated") {
  const std::string token = StringOr(Create(), "token", "");
  const Ended ended = Call({"keys", "revoke", token});
  CHECK(ended.code == 0);
  const std::string secret = token.substr(20);
  CHECK((ended.out + ended.err).find(secret) == std::string::npos);
}

TEST_CASE_FIXTURE(CommandLine, "an unknown key is said to be unknown") {
  Create();
  for (const char* verb : {"show", "revoke"}) {
    CAPTURE(verb);
    const Ended ended = Call({"keys", verb, "AAAAAAAAAAAA"});
    CHECK(ended.code == 1);
    CHECK(ended.err.find("keys list --all") != std::string::npos);
  }
}

TEST_CASE_FIXTURE(CommandLine, "revoking twice is no error") {
  const std::string id = Id(Create());
  CHECK(Call({"keys", "revoke", id}).code == 0);
  CHECK(Call({"keys", "revoke", id}).code == 0);
}

TEST_CASE_FIXTURE(CommandLine, "a directory without keys is not made by looking at it") {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"keys", "list"},
                                                {"keys", "show", "x"},
                                                {"keys", "revoke", "x"},
                                                {"audit", "tail"}}) {
    CAPTURE(words[1]);
    const Ended ended = Call(words);
    CHECK(ended.code == 1);
    CHECK(ended.err.find(data) != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(data));
  }
}

TEST_CASE_FIXTURE(CommandLine, "a wrong command line is 2 and changes nothing") {
  for (const std::vector<std::string>& words : {std::vector<std::string>{},
                                                {"keys"},
                                                {"keys", "create"},
                                                {"keys", "create", "--name", "x", "--role", "king"},
                                                {"keys", "create", "--name", "x", "--expires", "soon"},
                                                {"keys", "create", "--name", "x", "--channel", "general"},
                                                {"keys", "destroy"},
                                                {"audit", "tail", "--outcome", "perhaps"},
                                                {"setup", "claude-desktop"}}) {
    const Ended ended = Call(words);
    CAPTURE(ended.err);
    CHECK(ended.code == 2);
    CHECK(ended.out.empty());
    CHECK_FALSE(ended.err.empty());
    CHECK_FALSE(std::filesystem::exists(data));
  }
}

TEST_CASE_FIXTURE(CommandLine, "a field the keyring refuses is named") {
  const Ended ended = Call({"keys", "create", "--name", "x", "--tenant", "No Spaces"});
  CHECK(ended.code == 1);
  CHECK(ended.err.find("tenant") != std::string::npos);
}

TEST_CASE_FIXTURE(CommandLine, "with --json an error is JSON on standard error") {
  const Ended ended = Call({"--json", "keys", "list"});
  CHECK(ended.code == 1);
  CHECK(ended.out.empty());
  const absl::StatusOr<Json> json = ParseJson(ended.err);
  REQUIRE(json.ok());
  CHECK((*json)["error"]["message"].is_string());
}

TEST_CASE_FIXTURE(CommandLine, "a token that could not be shown is not a success") {
  const Ended ended = testing::Run(
      {"/bin/sh", "-c",
       std::string(testing::kMcpgate) + " --data '" + data + "' keys create --name x >/dev/full"});
  CHECK(ended.code == 1);
  CHECK(ended.err.find("keys revoke") != std::string::npos);
}

TEST_CASE_FIXTURE(CommandLine, "help teaches by examples and costs nothing") {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"--help"},
                                                {"keys", "create", "--help"},
                                                {"keys", "revoke", "--help"},
                                                {"audit", "tail", "--help"},
                                                {"audit", "verify", "--help"},
                                                {"setup", "claude-desktop", "--help"},
                                                {"sandbox", "--help"}}) {
    const Ended ended = Call(words);
    CHECK(ended.code == 0);
    CHECK(ended.err.empty());
    CHECK(ended.out.find("  mcpgate ") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(data));
  }
  CHECK(Call({"--version"}).out.starts_with("mcpgate "));
}

TEST_CASE_FIXTURE(testing::HttpHost, "a key tells when it was last used, and how often") {
  const Json created = Create();
  const std::string id = Id(created), token = StringOr(created, "token", "");
  CHECK(CommandLine::Ask({"keys", "show", id})["key"]["last_used_at"].is_null());
  CHECK(Call({"keys", "list"}).out.find("LAST USED") != std::string::npos);
  Start();
  for (int i = 0; i < 3; ++i) CHECK(CallTool(token, "check_server_status").status == 200);
  Stop();  // writes what was counted
  const Json key = CommandLine::Ask({"keys", "list"})["keys"][0];
  CHECK(key["last_used_at"].is_string());
  CHECK(key["uses"] >= 3);
  CHECK(CommandLine::Ask({"keys", "show", id})["key"] == key);
  CHECK(Call({"keys", "show", id}).out.find("times in all)") != std::string::npos);
}

}  // namespace
}  // namespace mcpgate::hosts
