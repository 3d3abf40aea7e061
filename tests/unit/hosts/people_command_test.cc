// mcpgate tenants, teams, principals, token and explain, and the life of a key, as processes.
#include <doctest/doctest.h>

#include <string>

#include "command_line.h"
#include "files.h"

namespace mcpgate::hosts {
namespace {

using testing::CommandLine;

struct Company : CommandLine {
  Company() {
    Ask({"tenants", "create", "acme", "--name", "Acme"});
    Ask({"teams", "create", "web", "--tenant", "acme"});
    Ask({"principals", "create", "ada", "--tenant", "acme", "--team", "web", "--external", "discord:7",
         "--issue-policy", "limit:1"});
  }
  std::string KeyOfAda() const {
    return StringOr(Create({"--tenant", "acme", "--principal", "ada", "--role", "write"})["key"], "id", "");
  }
};

TEST_CASE_FIXTURE(Company,
                  "tenants, teams and principals are made, listed, changed and disabled, on record") {
  const Json ada = Ask({"principals", "show", "ada", "--tenant", "acme"})["principal"];
  CHECK(ada["team"] == "web");
  CHECK(ada["external_ids"] == Json{"discord:7"});
  CHECK(ada["issue_policy"] == "limit:1");
  CHECK(Ask({"tenants", "list"})["tenants"].size() == 1);
  CHECK(Ask({"teams", "list"})["teams"].size() == 1);
  CHECK(
      Ask({"principals", "update", "ada", "--tenant", "acme", "--team", ""})["principal"]["team"].is_null());
  CHECK(Ask({"tenants", "disable", "acme"})["tenant"]["state"] == "disabled");
  CHECK(Ask({"tenants", "enable", "acme"})["tenant"]["state"] == "enabled");
  CHECK(Call({"principals", "create", "bob", "--tenant", "none"}).code == 1);
  CHECK(Call({"principals", "create", "bob", "--issue-policy", "some"}).code == 2);
  const std::vector<Json> records = AskLines({"audit", "tail", "-n", "100"});
  CHECK(StringOr(records[0], "action", "") == "tenants.create");
  CHECK(StringOr(records[0], "phase", "") == "intent");
}

TEST_CASE_FIXTURE(Company, "an issue policy holds at the command line") {
  const std::string id = KeyOfAda();
  CHECK(Call({"keys", "create", "--name", "x", "--tenant", "acme", "--principal", "ada"}).code == 1);
  Ask({"keys", "revoke", id});
  KeyOfAda();
}

TEST_CASE_FIXTURE(Company, "a key is changed, disabled, rotated, and the rotation undone or finished") {
  const std::string id = KeyOfAda();
  const Json updated =
      Ask({"keys", "update", id, "--name", "desk", "--role", "reader", "--network", "192.0.2.0/24"})["key"];
  CHECK(updated["name"] == "desk");
  CHECK(updated["role"] == "reader");
  CHECK(updated["networks"] == Json{"192.0.2.0/24"});
  CHECK(Ask({"keys", "disable", id})["key"]["state"] == "disabled");
  CHECK(Ask({"keys", "enable", id})["key"]["state"] == "live");
  const Json rotated = Ask({"keys", "rotate", id, "--overlap", "1h"});
  CHECK(rotated["key"]["family"] == id);
  CHECK(StringOr(rotated, "token", "").starts_with("mcpg_k_"));
  CHECK(Call({"keys", "rotate", id}).code == 1);
  CHECK(Ask({"keys", "undo", id})["key"]["id"] == id);
  Ask({"keys", "rotate", id, "--overlap", "1h"});
  CHECK(Ask({"keys", "finish", id})["key"]["state"] == "revoked");
}

TEST_CASE_FIXTURE(Company, "keys are revoked by a filter, after a dry run") {
  Create({"--tenant", "acme"});
  Create();
  const Json dry = Ask({"keys", "revoke", "--tenant", "acme", "--dry-run"});
  CHECK(dry["keys"].size() == 1);
  CHECK(dry["dry_run"] == true);
  CHECK(Ask({"keys", "list"})["keys"].size() == 2);
  Ask({"keys", "revoke", "--tenant", "acme"});
  CHECK(Ask({"keys", "list"})["keys"].size() == 1);
  CHECK(Call({"keys", "revoke"}).code == 2);
  CHECK(Call({"keys", "revoke", "x", "--tenant", "acme"}).code == 2);
}

TEST_CASE_FIXTURE(Company, "a key of another store is imported from a file") {
  testing::WriteFile(dir / "old.key", "midl_0123456789abcdef0123456789abcdef\n");
  const Json key = Ask({"keys", "import", "--name", "old", "--token-file", dir / "old.key"})["key"];
  CHECK(key["imported_at"].is_string());
  CHECK(Call({"keys", "import", "--name", "old", "--token-file", dir / "old.key"}).code == 1);
}

TEST_CASE_FIXTURE(Company, "a session goes into a private file, and the snippet says where, not what") {
  KeyOfAda();
  const Json made = Ask({"token", "create", "--principal", "ada", "--tenant", "acme", "--client",
                         "claude-code", "--role", "reader", "--sandbox"});
  const std::string path = StringOr(made, "token_file", "");
  CHECK(path == data + "/mcp-tokens/claude-code.token");
  CHECK(testing::ModeOf(path) == 0600);
  const std::string token = testing::ReadFile(path);
  CHECK(token.starts_with("mcpg_s_"));
  const std::string snippet = DumpJson(made["config"]);
  CHECK(snippet.find("mcpgate-claude-code") != std::string::npos);
  CHECK(snippet.find(path) != std::string::npos);
  CHECK(snippet.find(token.substr(20)) == std::string::npos);
  CHECK(made["session"]["kind"] == "session");
  CHECK(Call({"token", "create", "--principal", "bob", "--tenant", "acme"}).code == 1);
}

TEST_CASE_FIXTURE(Company,
                  "explain names the rule that decides, of the key, the policy and a session's key") {
  const std::string id = KeyOfAda();
  const auto rule = [&](const std::string& tool, std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"explain", "--key", id, "--tool", tool};
    words.insert(words.end(), more.begin(), more.end());
    const Json answer = Ask(words);
    return std::string(BoolOr(answer, "allowed", false) ? "yes: " : "no: ") + StringOr(answer, "rule", "");
  };
  CHECK(rule("discord_send_message") == "yes: role writer");
  CHECK(rule("check_server_status") == "yes: role writer");
  CHECK(rule("reboot") == "no: needs role admin");
  CHECK(rule("reboot", {"--needs", "reader"}) == "yes: role writer");
  const std::string policy = dir / "policy.json";
  testing::WriteFile(policy, R"({"roles": {"write": {"deny": ["discord_*"], "allow": ["re*"]}}})");
  CHECK(rule("discord_send_message", {"--policy", policy}) == "no: role writer denies 'discord_*'");
  CHECK(rule("reboot", {"--policy", policy}) == "yes: role writer allows 're*'");
  Ask({"keys", "disable", id});
  CHECK(rule("discord_send_message") == "no: the key is refused: disabled");
}

}  // namespace
}  // namespace mcpgate::hosts
