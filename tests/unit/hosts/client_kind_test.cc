#include "common/client_kind.h"

#include <doctest/doctest.h>

#include <string>

#include "environment.h"
#include "files.h"
#include "program.h"
#include "support/temp_dir.h"

namespace mcpgate::hosts {
namespace {

const StdioEntry kStdio{.command = "/usr/bin/mcpgate-stdio",
                        .arguments = {"--sandbox"},
                        .environment = {{"MCPGATE_API_KEY_FILE", "/k"}}};
const HttpEntry kHttp{.url = "http://127.0.0.1:8808/mcp", .key_file = "/k", .header_file = "/k.header"};

#if !defined(__APPLE__)
TEST_CASE("each client's configuration is where its vendor says") {
  const testing::ScopedVariable home("HOME", "/people/ada");
  const testing::ScopedVariable claude("CLAUDE_CONFIG_DIR", nullptr);
  const testing::ScopedVariable unset("XDG_CONFIG_HOME", nullptr);
  const auto user = [](Client client) { return ClientConfigPath(client, ClientScope::kUser); };
  CHECK(user(Client::kClaudeDesktop) == "/people/ada/.config/Claude/claude_desktop_config.json");
  CHECK(user(Client::kClaudeCode) == "/people/ada/.claude.json");
  CHECK(user(Client::kCursor) == "/people/ada/.cursor/mcp.json");
  CHECK(user(Client::kVsCode) == "/people/ada/.config/Code/User/mcp.json");
  CHECK(user(Client::kHttp).empty());
  const auto project = [](Client client) { return ClientConfigPath(client, ClientScope::kProject); };
  CHECK(project(Client::kClaudeDesktop).empty());
  CHECK(project(Client::kClaudeCode) == ".mcp.json");
  CHECK(project(Client::kCursor) == ".cursor/mcp.json");
  CHECK(project(Client::kVsCode) == ".vscode/mcp.json");
}

TEST_CASE("the usual places follow the variables that move them") {
  const testing::ScopedVariable home("HOME", "/people/ada");
  const testing::ScopedVariable config("XDG_CONFIG_HOME", "/etc/ada");
  const testing::ScopedVariable claude("CLAUDE_CONFIG_DIR", "/srv/claude");
  CHECK(ClientConfigPath(Client::kClaudeDesktop, ClientScope::kUser) ==
        "/etc/ada/Claude/claude_desktop_config.json");
  CHECK(ClientConfigPath(Client::kVsCode, ClientScope::kUser) == "/etc/ada/Code/User/mcp.json");
  CHECK(ClientConfigPath(Client::kClaudeCode, ClientScope::kUser) == "/srv/claude/.claude.json");
}
#endif

TEST_CASE("each client is told how to start a server in its own words") {
  const Json plain = {{"command", "/usr/bin/mcpgate-stdio"},
                      {"args", {"--sandbox"}},
                      {"env", {{"MCPGATE_API_KEY_FILE", "/k"}}}};
  Json typed = plain;
  typed["type"] = "stdio";
  CHECK(EntryJson(FactsOf(Client::kClaudeDesktop), kStdio) == plain);
  CHECK(EntryJson(FactsOf(Client::kCursor), kStdio) == plain);
  CHECK(EntryJson(FactsOf(Client::kClaudeCode), kStdio) == typed);
  CHECK(EntryJson(FactsOf(Client::kVsCode), kStdio) == typed);
  CHECK(FactsOf(Client::kVsCode).servers == std::string("servers"));
}

TEST_CASE("each client is told where its key is in its own words") {
  const auto header = [](const char* value) { return Json{{"Authorization", value}}; };
  const Json desktop = EntryJson(FactsOf(Client::kClaudeDesktop), kHttp);
  CHECK(desktop["command"] == "npx");
  CHECK(DumpJson(desktop["args"]).find(R"("--header-file","/k.header")") != std::string::npos);
  CHECK(EntryJson(FactsOf(Client::kCursor), kHttp) ==
        Json{{"url", kHttp.url}, {"headers", header("Bearer ${env:MCPGATE_API_KEY}")}});
  CHECK(EntryJson(FactsOf(Client::kVsCode), kHttp) ==
        Json{{"type", "http"}, {"url", kHttp.url}, {"headers", header("Bearer ${input:mcpgate-key}")}});
  CHECK(PromptInput()["id"] == "mcpgate-key");
  CHECK(EntryJson(FactsOf(Client::kHttp), kHttp)["headers"] == header("Bearer ${MCPGATE_API_KEY}"));
}

TEST_CASE("the key itself is written when it is given") {
  HttpEntry entry = kHttp;
  entry.inline_key = "mcpg_k_x";
  for (const Client client : {Client::kClaudeCode, Client::kCursor, Client::kVsCode, Client::kHttp}) {
    CAPTURE(FactsOf(client).name);
    CHECK(EntryJson(FactsOf(client), entry)["headers"]["Authorization"] == "Bearer mcpg_k_x");
  }
}

TEST_CASE("the command that Claude Code runs prints the header, whatever the file is called") {
  const testing::TempDir dir;
  HttpEntry entry = kHttp;
  entry.key_file = dir / "it's $HOME `x`/a key";
  testing::WriteFile(entry.key_file, "mcpg_k_abc\n");
  const Json json = EntryJson(FactsOf(Client::kClaudeCode), entry);
  const testing::Ended ended =
      testing::Run({"/bin/sh", "-c", StringOr(json, "headersHelper", "")}, {{"PATH", "/usr/bin:/bin"}});
  CHECK(ended.code == 0);
  CHECK(ParseJson(ended.out).value_or(Json()) == Json{{"Authorization", "Bearer mcpg_k_abc"}});
}

}  // namespace
}  // namespace mcpgate::hosts
