// The only translation unit of this program that includes CLI11.
#include "stdio/options.h"

#include <CLI/CLI.hpp>
#include <sstream>

#include "common/limit_text.h"
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

// CLI11 reports what a check finds wrong as the text it returns.
std::string Problem(const absl::Status& status) { return status.ok() ? "" : std::string(status.message()); }

struct Texts {
  std::string posting_limit;
  std::vector<std::string> limits;
  std::string log_level = "warning";
  std::int64_t latency_ms = 0;
};

void DeclareOptions(CLI::App& app, StdioHostOptions& options, Texts& texts) {
  app.add_option("--data", options.data, "Data directory [~/.local/share/mcpgate; MCPGATE_DATA]")
      ->type_name("DIR");
  app.add_option("--key-file", options.key_file, "File (mode 0600) that holds the API key")
      ->type_name("PATH");
  app.add_option("--discord-token-file", options.discord_token_file,
                 "File (mode 0600) that holds the bot token")
      ->type_name("PATH");
  app.add_flag("--sandbox", options.sandbox,
               "Talk to a Discord stand-in inside this process, no token needed")
      ->envname("MCPGATE_SANDBOX");
  app.add_option("--sandbox-latency-ms", texts.latency_ms, "How long the stand-in takes to answer")
      ->envname("MCPGATE_SANDBOX_LATENCY_MS")
      ->check(CLI::Range(0, 60'000))
      ->type_name("MS");
  app.add_option("--sandbox-seed", options.sandbox_seed, "Which guild the stand-in invents")
      ->envname("MCPGATE_SANDBOX_SEED")
      ->type_name("N");
  app.add_option("--discord-url", options.discord_url,
                 "Another REST base URL, as `mcpgate sandbox` prints it")
      ->envname("MCPGATE_DISCORD_URL")
      ->type_name("URL");
  app.add_option("--posting-limit", texts.posting_limit, "Posts of a key: N/DURATION, or off [5/1h]")
      ->envname("MCPGATE_POSTING_LIMIT")
      ->type_name("N/T");
  app.add_option("--limit", texts.limits,
                 "NAME=exact:N/DURATION, NAME=gcra:N/DURATION[:BURST] or NAME=off;\n"
                 "repeatable, replaces the shipped limit of that name")
      ->envname("MCPGATE_LIMITS")
      ->delimiter(',')
      ->type_name("RULE");
  app.add_option("--log-level", texts.log_level, "error, warning, info or debug, on standard error")
      ->envname("MCPGATE_LOG_LEVEL")
      ->check(CLI::IsMember({"error", "warning", "info", "debug"}))
      ->type_name("LEVEL");
  app.add_flag("--core-dumps", options.core_dumps, "Allow core dumps and debuggers; they can see secrets")
      ->envname("MCPGATE_CORE_DUMPS");
  app.set_version_flag("--version", std::string("mcpgate-stdio ") + kVersion);
}

void ApplyTexts(const Texts& texts, StdioHostOptions& options) {
  options.limits = ShippedLimits();
  if (!texts.posting_limit.empty()) {
    const std::string problem = Problem(SetPostingLimit(options.limits, texts.posting_limit));
    if (!problem.empty()) throw CLI::ValidationError("--posting-limit", problem);
  }
  for (const std::string& rule : texts.limits) {
    const std::string problem = Problem(SetLimit(options.limits, rule));
    if (!problem.empty()) throw CLI::ValidationError("--limit", problem);
  }
  options.sandbox_latency = std::chrono::milliseconds(texts.latency_ms);
  options.log_level = ParseLogLevel(texts.log_level).value_or(LogLevel::kWarning);
}

}  // namespace

ParsedStdioOptions ParseStdioOptions(int argc, char** argv) {
  ParsedStdioOptions parsed;
  Texts texts;
  CLI::App app(kAbout, "mcpgate-stdio");
  app.footer(kMore);
  app.get_formatter()->column_width(32);
  DeclareOptions(app, parsed.options, texts);
  try {
    app.parse(argc, argv);
    ApplyTexts(texts, parsed.options);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream err;
    parsed.exit_code = app.exit(error, out, err) == 0 ? 0 : 2;
    parsed.out = out.str();
    parsed.err = err.str();
  }
  return parsed;
}

}  // namespace mcpgate::hosts
