#include "http/token_snippet.h"

#include <utility>

#include "common/client_kind.h"
#include "common/program_path.h"

namespace mcpgate::hosts {

Json TokenSnippet(const TokenPlace& place, const std::string& name, const std::string& token_file) {
  const ClientFacts& any = FactsOf(Client::kHttp);
  StdioEntry stdio{.command = FindProgram("mcpgate-stdio").value_or("mcpgate-stdio"),
                   .arguments = {"--data", place.data_directory},
                   .environment = {{"MCPGATE_API_KEY_FILE", token_file}}};
  if (place.sandbox) stdio.arguments.push_back("--sandbox");
  if (!place.discord_token_file.empty())
    stdio.environment.emplace_back("MCPGATE_DISCORD_TOKEN_FILE", place.discord_token_file);
  return {{"stdio", {{any.servers, {{name, EntryJson(any, stdio)}}}}},
          {"http", {{any.servers, {{name, EntryJson(any, HttpEntry{.url = place.url})}}}}}};
}

}  // namespace mcpgate::hosts
