// File: common/shared_options.h
//
// What every host that serves is told in the same words: where the state is, which Discord, which limits.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/audit_options.h"
#include "common/log.h"
#include "common/notice_options.h"
#include "mcpgate/ledger.h"
#include "mcpgate/rate_limiter.h"
#include "mcpgate/server.h"
#include "mcpgate/task_store.h"

namespace CLI {
class App;
}  // namespace CLI

namespace mcpgate::hosts {

struct SharedOptions {
  std::string data;  ///< as given; empty: the usual place
  std::string discord_token_file;
  std::string discord_url;
  bool sandbox = false;
  std::chrono::milliseconds sandbox_latency{0};
  std::uint64_t sandbox_seed = 1;
  std::vector<LimitPolicy> limits;
  std::vector<BudgetRule> budgets;
  std::string policy_file;  ///< empty: roles as tools declare them
  LogLevel log_level = LogLevel::kWarning;
  bool core_dumps = false;
  ServerOptions server;          ///< its bounds; the parts of a server are not set here
  TaskStoreLimits kept_tasks;    ///< in the data directory
  std::optional<Nanos> job_ttl;  ///< how long keys and sessions stay after their end; nullopt: for good
  AuditOptions audit;
  NoticeOptions notices;
};

/// Options as they were written; each was checked when it was read.
struct SharedTexts {
  std::string posting_limit;
  std::vector<std::string> limits;
  std::vector<std::string> budgets;
  std::string job_ttl;
  std::string log_level = "warning";
  std::int64_t latency_ms = 0;
};

/// Each is an environment variable too. Both arguments outlive the parse.
void DeclareShared(CLI::App& app, SharedOptions& options, SharedTexts& texts);
/// Throws CLI::ValidationError when the limits do not fit together.
void ApplyShared(const SharedTexts& texts, SharedOptions& options);

/// What a command line comes to when it is no set of options: a text to show and a code to exit with.
struct Parsed {
  std::optional<int> exit_code;
  std::string out;  ///< for standard output (help, version)
  std::string err;  ///< for standard error
};
/// Parses, and then runs `apply`, whose CLI::ParseError counts like the parser's own.
Parsed Parse(CLI::App& app, int argc, char** argv, const std::function<void()>& apply);

/// CLI11 reports what a check finds wrong as the text it returns.
std::string Problem(const absl::Status& status);

}  // namespace mcpgate::hosts
