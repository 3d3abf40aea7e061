#include "cli/run_sandbox.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <memory>

#include "common/secret_source.h"
#include "common/stop_signals.h"
#include "sandbox/sandbox.h"

namespace mcpgate::hosts {
namespace {

// Its token opens nothing but itself, so it may be shown; a file lets tests keep theirs between runs.
absl::StatusOr<Secret> KnownToken(const std::string& file) {
  std::error_code ignored;
  const bool kept = !file.empty() && std::filesystem::exists(file, ignored);
  absl::StatusOr<std::optional<Secret>> token = ReadSecret(DiscordTokenSource(kept ? file : ""));
  if (!token.ok()) return token.status();
  return token->value_or(Secret());
}

absl::Status KeepToken(const std::string& file, const Secret& token) {
  std::error_code ignored;
  if (file.empty() || std::filesystem::exists(file, ignored)) return absl::OkStatus();
  absl::StatusOr<SecretFile> made = SecretFile::Create(file);
  return made.ok() ? made->Write(token) : made.status();
}

void ShowRunning(const Console& console, const Sandbox& sandbox, const std::string& token_file) {
  const std::string general = sandbox.ChannelId("general");
  if (console.json()) {
    Json json = {{"base_url", sandbox.base_url()},
                 {"state_url", sandbox.state_url()},
                 {"guild_id", sandbox.guild_id()},
                 {"bot_id", sandbox.bot_id()},
                 {"channels", {{"general", general}, {"staff", sandbox.ChannelId("staff")}}}};
    if (token_file.empty()) json["token"] = std::string(RevealSecret(sandbox.token()));
    if (!token_file.empty()) json["token_file"] = token_file;
    return console.Line(json);
  }
  const std::string token = token_file.empty()
                                ? fmt::format("MCPGATE_DISCORD_TOKEN={}", RevealSecret(sandbox.token()))
                                : fmt::format("MCPGATE_DISCORD_TOKEN_FILE='{}'", token_file);
  console.Text(
      fmt::format("A Discord stand-in at {} (guild {}, #general {}). Ctrl-C ends it.\n"
                  "Use it from another terminal:\n  {} mcpgate-stdio --discord-url {}\n",
                  sandbox.base_url(), sandbox.guild_id(), general, token, sandbox.base_url()));
}

}  // namespace

int RunSandbox(const Console& console, const RunSandboxOptions& options) {
  absl::StatusOr<Secret> token = KnownToken(options.token_file);
  if (!token.ok()) return console.Fail(token.status());
  const StopSignals signals;
  absl::StatusOr<std::unique_ptr<Sandbox>> sandbox =
      Sandbox::Start({.port = options.port,
                      .bot_token = *std::move(token),
                      .seed = options.seed,
                      .latency = std::chrono::milliseconds(options.latency_ms),
                      .rate_limits = !options.no_rate_limits});
  if (!sandbox.ok()) return console.Fail(sandbox.status(), "--port 0 takes any free port");
  if (absl::Status status = KeepToken(options.token_file, (*sandbox)->token()); !status.ok()) {
    return console.Fail(status);
  }
  ShowRunning(console, **sandbox, options.token_file);
  if (!console.Flush()) return console.Fail("standard output is gone");
  WaitForStop(signals.token());
  return kDone;
}

}  // namespace mcpgate::hosts
