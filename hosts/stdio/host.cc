#include "stdio/host.h"

#include <fmt/format.h>
#include <stdio.h>

#include <memory>
#include <string>
#include <utility>

#include "common/data_directory.h"
#include "common/failure.h"
#include "common/notice_places.h"
#include "common/secret_source.h"
#include "common/stop_signals.h"
#include "common/weak_secret.h"
#include "common/wire.h"
#include "sandbox/sandbox.h"

namespace mcpgate::hosts {
namespace {

int Report(const Failure& failure) {
  fmt::print(stderr, "mcpgate-stdio: {}\n", failure.what);
  if (!failure.todo.empty()) fmt::print(stderr, "{}\n", failure.todo);
  return failure.code;
}

// The same words whether the key is unknown, revoked, expired or mistyped.
std::string HowToGetAKey(const std::string& directory) {
  return fmt::format(
      "Make a key and name its file:\n"
      "  mcpgate --data '{0}' keys create --name me --role writer --channel '*' --key-file "
      "'{0}/keys/me.key'\n"
      "  mcpgate-stdio --data '{0}' --key-file '{0}/keys/me.key'   (or set MCPGATE_API_KEY_FILE)",
      directory);
}

constexpr char kHowToGetABotToken[] =
    "Put the token of your bot (discord.com/developers/applications, Bot, Reset Token) into a file of mode "
    "0600 and\npass --discord-token-file PATH, or set MCPGATE_DISCORD_TOKEN_FILE or MCPGATE_DISCORD_TOKEN.\n"
    "To try everything without Discord: mcpgate-stdio --sandbox";

// Where the state is, and the secrets that came with the start.
struct Identity {
  std::string directory;
  Secret api_key;
  Secret discord_token;
  NoticePlaces notice_places;
};

Result ReadIdentity(const StdioHostOptions& options, Identity& identity) {
  // All are taken out of the environment before anything can fail.
  absl::StatusOr<std::optional<Secret>> key = ReadSecret(ApiKeySource(options.key_file));
  absl::StatusOr<std::optional<Secret>> token = ReadSecret(DiscordTokenSource(options.discord_token_file));
  absl::StatusOr<NoticePlaces> places = ReadNoticePlaces(options.notices);
  absl::StatusOr<std::string> directory = DataDirectory(options.data);
  if (!directory.ok()) return Failure{kUsage, Message(directory.status()), ""};
  if (!key.ok()) return Failure{kUsage, Message(key.status()), HowToGetAKey(*directory)};
  if (!key->has_value()) return Failure{kUsage, "there is no API key", HowToGetAKey(*directory)};
  if (!places.ok()) return Failure{kUsage, Message(places.status()), ""};
  identity = {*std::move(directory), **std::move(key), Secret(), *std::move(places)};
  if (options.sandbox) return std::nullopt;
  if (!token.ok()) return Failure{kUsage, Message(token.status()), kHowToGetABotToken};
  if (!token->has_value()) return Failure{kUsage, "there is no Discord bot token", kHowToGetABotToken};
  identity.discord_token = **std::move(token);
  return std::nullopt;
}

// The parts at work; each lives on those before it.
struct Running {
  std::unique_ptr<Sandbox> sandbox;
  std::unique_ptr<Wiring> wiring;
};

Result StartSandbox(const StdioHostOptions& options, WiringOptions& parts, Running& running) {
  absl::StatusOr<std::unique_ptr<Sandbox>> sandbox =
      Sandbox::Start({.seed = options.sandbox_seed, .latency = options.sandbox_latency});
  if (!sandbox.ok()) return Failure{kFailed, Message(sandbox.status()), ""};
  running.sandbox = *std::move(sandbox);
  parts.discord_token = running.sandbox->token();
  parts.discord_url = running.sandbox->base_url();
  return std::nullopt;
}

Result Start(const StdioHostOptions& options, const Identity& identity, const Log& log, Running& running) {
  WiringOptions parts{.data_directory = identity.directory,
                      .limits = options.limits,
                      .budgets = options.budgets,
                      .policy_file = options.policy_file,
                      .discord_token = identity.discord_token,
                      .discord_url = options.discord_url,
                      .server = options.server,
                      .kept_tasks = options.kept_tasks,
                      .job_ttl = options.job_ttl,
                      .audit = options.audit,
                      .notice_places = identity.notice_places,
                      .log = [&log](std::string_view line) { log.Warning(line); }};
  if (options.sandbox) {
    if (Result failed = StartSandbox(options, parts, running)) return failed;
  }
  absl::StatusOr<std::unique_ptr<Wiring>> wiring = Wiring::New(std::move(parts));
  if (absl::IsNotFound(wiring.status())) {
    return Failure{kUsage, fmt::format("there are no keys in {} yet", identity.directory),
                   HowToGetAKey(identity.directory)};
  }
  if (!wiring.ok()) return Failure{kFailed, Message(wiring.status()), ""};
  running.wiring = *std::move(wiring);
  return std::nullopt;
}

Result CheckKey(Gate& gate, const Credentials& credentials, const Identity& identity) {
  const auto principal = gate.Authenticate(credentials);
  if (principal.ok()) return std::nullopt;
  const std::optional<Refusal> refusal = RefusalOf(principal.status());
  if (refusal.has_value() && refusal->code == Refusal::kInvalidCredential) {
    return Failure{kUsage, "the API key is not accepted", HowToGetAKey(identity.directory)};
  }
  return Failure{kFailed, Message(principal.status()), ""};
}

}  // namespace

int RunStdioHost(const StdioHostOptions& options, StdioChannel channel) {
  if (!options.core_dumps) ForbidMemoryDumps();
  Identity identity;
  if (Result failed = ReadIdentity(options, identity)) return Report(*failed);
  if (absl::Status weak = CheckVariables(); !weak.ok()) return Report({kUsage, Message(weak), ""});

  const StopSignals signals;
  const Log log(options.log_level);
  Running running;
  if (Result failed = Start(options, identity, log, running)) return Report(*failed);
  const Credentials credentials{std::move(identity.api_key), "stdio"};
  if (Result failed = CheckKey(running.wiring->gate(), credentials, identity)) return Report(*failed);

  log.Info(options.sandbox ? "serving, Discord is the sandbox" : "serving");
  const absl::Status ended = ServeStdio(
      running.wiring->server(), {.channel = channel, .credentials = credentials, .stop = signals.token()});
  return ended.ok() ? 0 : Report({kFailed, Message(ended), ""});
}

}  // namespace mcpgate::hosts
