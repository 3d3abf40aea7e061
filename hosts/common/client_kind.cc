#include "common/client_kind.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/data_directory.h"

namespace mcpgate::hosts {
namespace {

// The version that tests/e2e drives.
constexpr char kBridge[] = "mcp-remote@0.15.1";
constexpr char kPromptId[] = "mcpgate-key";

std::string BelowHome(std::string_view path) {
  const std::string home = HomeDirectory();
  return home.empty() ? "" : fmt::format("{}/{}", home, path);
}

// Where programs with a window keep what is theirs.
std::string BelowApplications(std::string_view path) {
#if defined(__APPLE__)
  return BelowHome(fmt::format("Library/Application Support/{}", path));
#else
  const std::string config = ConfigHome();
  return config.empty() ? "" : fmt::format("{}/{}", config, path);
#endif
}

std::string UserConfigPath(Client client) {
  switch (client) {
    case Client::kClaudeDesktop:
      return BelowApplications("Claude/claude_desktop_config.json");
    case Client::kClaudeCode: {
      const std::string named = Environment("CLAUDE_CONFIG_DIR");
      return named.empty() ? BelowHome(".claude.json") : named + "/.claude.json";
    }
    case Client::kCursor:
      return BelowHome(".cursor/mcp.json");
    case Client::kVsCode:
      return BelowApplications("Code/User/mcp.json");
    case Client::kHttp:
      break;
  }
  return "";
}

// A word of a POSIX shell.
std::string ShellWord(std::string_view text) {
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

// Claude Code runs it in a shell at each connection and takes the JSON object it prints as headers.
std::string HelperCommand(const std::string& key_file) {
  return fmt::format("printf '{{\"Authorization\": \"Bearer %s\"}}' \"$(cat {})\"", ShellWord(key_file));
}

std::string BearerText(const ClientFacts& client, const std::string& inline_key) {
  if (!inline_key.empty()) return "Bearer " + inline_key;
  if (client.key_path == KeyPath::kPrompt) return fmt::format("Bearer ${{input:{}}}", kPromptId);
  const bool cursor = client.client == Client::kCursor;
  return fmt::format("Bearer ${{{}{}}}", cursor ? "env:" : "", kKeyVariable);
}

}  // namespace

const std::vector<ClientFacts>& ClientsKnown() {
  static const std::vector<ClientFacts> kKnown = {
      {Client::kClaudeDesktop, "claude-desktop", "Claude Desktop", "mcpServers", JsonDialect::kStrict,
       KeyPath::kBridge},
      {Client::kClaudeCode, "claude-code", "Claude Code", "mcpServers", JsonDialect::kStrict,
       KeyPath::kHelper},
      {Client::kCursor, "cursor", "Cursor", "mcpServers", JsonDialect::kStrict, KeyPath::kVariable},
      {Client::kVsCode, "vscode", "VS Code", "servers", JsonDialect::kComments, KeyPath::kPrompt},
      {Client::kHttp, "http", "a client that speaks HTTP", "mcpServers", JsonDialect::kStrict,
       KeyPath::kVariable},
  };
  return kKnown;
}

const ClientFacts& FactsOf(Client client) {
  return *std::find_if(ClientsKnown().begin(), ClientsKnown().end(),
                       [client](const ClientFacts& facts) { return facts.client == client; });
}

std::string ClientConfigPath(Client client, ClientScope scope) {
  if (scope == ClientScope::kUser) return UserConfigPath(client);
  switch (client) {
    case Client::kClaudeCode:
      return ".mcp.json";
    case Client::kCursor:
      return ".cursor/mcp.json";
    case Client::kVsCode:
      return ".vscode/mcp.json";
    case Client::kClaudeDesktop:
    case Client::kHttp:
      break;
  }
  return "";
}

Json EntryJson(const ClientFacts& client, const StdioEntry& entry) {
  Json json = {{"command", entry.command}, {"args", entry.arguments}};
  for (const auto& [name, value] : entry.environment) json["env"][name] = value;
  // Where the kind may be left out it is: Claude Desktop and Cursor tell it by the members.
  if (client.client == Client::kClaudeCode || client.client == Client::kVsCode) json["type"] = "stdio";
  return json;
}

Json EntryJson(const ClientFacts& client, const HttpEntry& entry) {
  if (client.key_path == KeyPath::kBridge) {
    return {{"command", "npx"},
            {"args", {"-y", kBridge, entry.url, "--protocol", "auto", "--header-file", entry.header_file}}};
  }
  Json json = {{"url", entry.url}};
  if (client.client != Client::kCursor) json["type"] = "http";
  if (client.key_path == KeyPath::kHelper && entry.inline_key.empty()) {
    json["headersHelper"] = HelperCommand(entry.key_file);
  } else {
    json["headers"]["Authorization"] = BearerText(client, entry.inline_key);
  }
  return json;
}

Json PromptInput() {
  return {{"id", kPromptId}, {"type", "promptString"}, {"description", "mcpgate key"}, {"password", true}};
}

}  // namespace mcpgate::hosts
