#include "common/shared_options.h"

#include <CLI/CLI.hpp>
#include <sstream>

#include "common/bounds.h"
#include "common/budget_text.h"
#include "common/data_directory.h"
#include "common/job_ttl.h"
#include "common/limit_text.h"

namespace mcpgate::hosts {
namespace {

absl::Status CheckPostingLimit(const std::string& text) {
  std::vector<LimitPolicy> limits = ShippedLimits();
  return SetPostingLimit(limits, text);
}

// `off` and `when` need a limit of that name, which only the whole list knows; ApplyShared asks again.
absl::Status CheckLimit(const std::string& rule) {
  if (rule.ends_with("=off") || rule.find(" when ") != rule.npos) return absl::OkStatus();
  std::vector<LimitPolicy> limits = ShippedLimits();
  return SetLimit(limits, rule);
}

absl::Status CheckBudget(const std::string& text) {
  std::vector<BudgetRule> rules;
  return SetBudget(rules, text);
}

CLI::Validator Check(absl::Status (*read)(const std::string&)) {
  return CLI::Validator([read](std::string& text) { return Problem(read(text)); }, "");
}

void DeclareDiscord(CLI::App& app, SharedOptions& options, SharedTexts& texts) {
  app.add_option("--discord-token-file", options.discord_token_file,
                 "File (mode 0600) that holds the bot token")
      ->type_name("FILE");
  app.add_option("--discord-url", options.discord_url,
                 "Another REST base URL, as `mcpgate sandbox` prints it")
      ->envname("MCPGATE_DISCORD_URL")
      ->type_name("URL");
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
}

}  // namespace

std::string Problem(const absl::Status& status) { return status.ok() ? "" : std::string(status.message()); }

void DeclareShared(CLI::App& app, SharedOptions& options, SharedTexts& texts) {
  DeclareDiscord(app, options, texts);
  app.add_option("--data", options.data, "Data directory [~/.local/share/mcpgate]")
      ->envname("MCPGATE_DATA")
      ->type_name("DIR");
  app.add_option("--posting-limit", texts.posting_limit, "Posts of a key: N/DURATION, or off [5/1h]")
      ->envname("MCPGATE_POSTING_LIMIT")
      ->check(Check(CheckPostingLimit))
      ->type_name("N/T");
  app.add_option(
         "--limit", texts.limits,
         "NAME=ALGORITHM:N/DURATION[:BURST][ per SCOPE][ for CLASS]\n[ shadow], NAME=N/DURATION when "
         "FIELD=PATTERN or NAME=off;\nrepeatable, replaces the shipped limit of that name. ALGORITHM:\n"
         "exact, segmented, gcra, idle_reset, concurrency. SCOPE: global,\ntenant, team, principal, key, "
         "tool, key+tool. FIELD: tenant,\nprincipal, key, tool")
      ->envname("MCPGATE_LIMITS")
      ->delimiter(',')
      ->check(Check(CheckLimit))
      ->type_name("RULE");
  app.add_option("--budget", texts.budgets,
                 "NAME=UNIT:N/PERIOD[ per SCOPE][ for WHO][ alert PERCENT];\nrepeatable. UNIT: calls, cost. "
                 "PERIOD: hour, day, week, month,\ntotal. SCOPE: tenant, team, principal, key")
      ->envname("MCPGATE_BUDGETS")
      ->delimiter(',')
      ->check(Check(CheckBudget))
      ->type_name("RULE");
  app.add_option("--policy", options.policy_file,
                 "What roles may beyond what tools declare: a JSON file, comments allowed")
      ->envname("MCPGATE_POLICY")
      ->type_name("FILE");
  DeclareJobTtl(app, texts.job_ttl);
  app.add_option("--log-level", texts.log_level, "error, warning, info or debug, on standard error")
      ->envname("MCPGATE_LOG_LEVEL")
      ->check(CLI::IsMember({"error", "warning", "info", "debug"}))
      ->type_name("LEVEL");
  app.add_flag("--core-dumps", options.core_dumps, "Allow core dumps and debuggers; they can see secrets")
      ->envname("MCPGATE_CORE_DUMPS");
  DeclareAuditOptions(app, options.audit);
  DeclareNoticeOptions(app, options.notices);
  DeclareBounds(app, ServerBounds(options));
}

void ApplyShared(const SharedTexts& texts, SharedOptions& options) {
  options.limits = ShippedLimits();
  if (!texts.posting_limit.empty()) {
    const std::string problem = Problem(SetPostingLimit(options.limits, texts.posting_limit));
    if (!problem.empty()) throw CLI::ValidationError("--posting-limit", problem);
  }
  const std::string rate =
      Problem(SetKeyRate(options.limits, Environment("MCP_RL_BUCKET"), Environment("MCP_RL_WINDOW_MS")));
  if (!rate.empty()) throw CLI::ValidationError("environment", rate);
  for (const std::string& rule : texts.limits) {
    const std::string problem = Problem(SetLimit(options.limits, rule));
    if (!problem.empty()) throw CLI::ValidationError("--limit", problem);
  }
  options.budgets.clear();
  for (const std::string& rule : texts.budgets) {
    const std::string problem = Problem(SetBudget(options.budgets, rule));
    if (!problem.empty()) throw CLI::ValidationError("--budget", problem);
  }
  const absl::StatusOr<std::optional<Nanos>> job_ttl = ReadJobTtl(texts.job_ttl);
  if (!job_ttl.ok()) throw CLI::ValidationError("environment", Problem(job_ttl.status()));
  options.job_ttl = *job_ttl;
  options.sandbox_latency = std::chrono::milliseconds(texts.latency_ms);
  options.log_level = ParseLogLevel(texts.log_level).value_or(LogLevel::kWarning);
}

Parsed Parse(CLI::App& app, int argc, char** argv, const std::function<void()>& apply) {
  Parsed parsed;
  try {
    app.parse(argc, argv);
    apply();
  } catch (const CLI::ParseError& error) {
    std::ostringstream out, err;
    parsed.exit_code = app.exit(error, out, err) == 0 ? 0 : 2;
    parsed.out = out.str();
    parsed.err = err.str();
  }
  return parsed;
}

}  // namespace mcpgate::hosts
