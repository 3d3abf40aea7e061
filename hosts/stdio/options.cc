#include "stdio/options.h"

#include <CLI/CLI.hpp>

#include "mcpgate/version.h"

namespace mcpgate::hosts {
namespace {

constexpr char kAbout[] =
    "Serves MCP tools over standard input and output, behind a gate: every call is authenticated by an API\n"
    "key, authorized, limited and recorded. A client starts this program; `mcpgate setup claude-desktop`\n"
    "configures one.";

constexpr char kMore[] =
    R"(The API key comes from --key-file, MCPGATE_API_KEY or MCPGATE_API_KEY_FILE; the Discord bot token from
--discord-token-file, MCPGATE_DISCORD_TOKEN or MCPGATE_DISCORD_TOKEN_FILE. Secrets are never options.

Limits shipped: posting (5 posts of a key, forgotten when the last is an hour old) and burst (50 calls a
second of a key, 100 at once).

Examples:
  # try it without Discord
  mcpgate keys create --name me --role writer --channel '*' --key-file ~/me.key
  mcpgate-stdio --sandbox --key-file ~/me.key
  # twenty posts an hour, and never more than 1000 calls a day
  mcpgate-stdio --key-file ~/me.key --posting-limit 20/1h --limit daily=exact:1000/1d

Exit codes: 0 input ended or SIGTERM; 1 failed; 2 wrong options, or no key that is accepted.
)";

}  // namespace

ParsedStdioOptions ParseStdioOptions(int argc, char** argv) {
  ParsedStdioOptions parsed;
  SharedTexts texts;
  CLI::App app(kAbout, "mcpgate-stdio");
  app.footer(kMore);
  app.get_formatter()->column_width(32);
  app.add_option("--key-file", parsed.options.key_file, "File (mode 0600) that holds the API key")
      ->type_name("FILE");
  DeclareShared(app, parsed.options, texts);
  app.set_version_flag("--version", std::string("mcpgate-stdio ") + kVersion);
  static_cast<Parsed&>(parsed) = Parse(app, argc, argv, [&] { ApplyShared(texts, parsed.options); });
  return parsed;
}

}  // namespace mcpgate::hosts
