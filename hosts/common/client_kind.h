// File: common/client_kind.h
//
// The clients that mcpgate can be written into: where each keeps its configuration, and in what words.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/json_text.h"
#include "mcpgate/json.h"

namespace mcpgate::hosts {

enum class Client { kClaudeDesktop, kClaudeCode, kCursor, kVsCode, kHttp };

/// Whose configuration: everything of one person, or one project (the current directory).
enum class ClientScope { kUser, kProject };

/// How a client can be told its key when it speaks HTTP.
enum class KeyPath {
  kHelper,    ///< a command that prints headers, and reads the key's file
  kBridge,    ///< a program between stdio and HTTP, which reads a file with the header
  kVariable,  ///< a variable of the client's own environment
  kPrompt,    ///< the client asks for it once and keeps it
};

struct ClientFacts {
  Client client;
  const char* name;     ///< "claude-code", as at the command line
  const char* title;    ///< "Claude Code"
  const char* servers;  ///< the member of the configuration that holds servers
  JsonDialect dialect;  ///< what it can read
  KeyPath key_path;
};
/// All of them.
const std::vector<ClientFacts>& ClientsKnown();
const ClientFacts& FactsOf(Client client);

/// Where the client keeps it, from its vendor's documentation; in a project's scope relative to the current
/// directory. Empty when it has no such place, or the environment names no home.
std::string ClientConfigPath(Client client, ClientScope scope);

/// How a client starts mcpgate-stdio.
struct StdioEntry {
  std::string command;
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;
};
/// How a client reaches mcpgate-http.
struct HttpEntry {
  std::string url;
  std::string key_file;     ///< absolute; kHelper
  std::string header_file;  ///< absolute: one line "Authorization: Bearer KEY"; kBridge
  std::string inline_key;   ///< not empty: the key itself, instead of any path to it
};
/// The value of `<servers>.<name>`.
Json EntryJson(const ClientFacts& client, const StdioEntry& entry);
Json EntryJson(const ClientFacts& client, const HttpEntry& entry);

/// What a client that asks for the key must also have in its list `inputs`.
Json PromptInput();

/// The variable that kVariable names.
constexpr char kKeyVariable[] = "MCPGATE_API_KEY";

}  // namespace mcpgate::hosts
