#include "http/host.h"

#include <fmt/format.h>
#include <stdio.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <utility>

#include "common/budget_text.h"
#include "common/data_directory.h"
#include "common/file_write.h"
#include "common/limit_text.h"
#include "common/notice_places.h"
#include "common/secret_source.h"
#include "common/stop_signals.h"
#include "common/weak_secret.h"
#include "http/service.h"
#include "mcpgate/json.h"

namespace mcpgate::hosts {
namespace {

constexpr char kHowToGetABotToken[] =
    "Put the token of your bot (discord.com/developers/applications, Bot, Reset Token) into a file of mode "
    "0600 and\npass --discord-token-file PATH, or set MCPGATE_DISCORD_TOKEN_FILE or MCPGATE_DISCORD_TOKEN.\n"
    "To try everything without Discord: mcpgate-http --sandbox";

constexpr char kHowToBeSeen[] =
    "Anybody on the way could read the keys. Do one of these:\n"
    "  --tls-cert chain.pem --tls-key key.pem   this program speaks TLS\n"
    "  --listen 127.0.0.1:8808                  only this machine, or a proxy on it that speaks TLS\n"
    "  --insecure                               the way is safe, for example a container's own network";

int Report(const Failure& failure) {
  fmt::print(stderr, "mcpgate-http: {}\n", failure.what);
  if (!failure.todo.empty()) fmt::print(stderr, "{}\n", failure.todo);
  return failure.code;
}

// Options that do not go together.
Result CheckTogether(const HttpHostOptions& options) {
  if (options.tls.certificate_file.empty() != options.tls.key_file.empty()) {
    return Failure{kUsage, "--tls-cert and --tls-key are needed together",
                   "The certificate file holds the whole chain, the key file its private key, both as PEM."};
  }
  const bool plain = options.tls.certificate_file.empty();
  if (plain && !options.listen.is_loopback() && !options.insecure) {
    return Failure{kUsage,
                   fmt::format("{} can be reached from other machines, and there is no TLS",
                               AuthorityText(options.listen.address, options.listen.port)),
                   kHowToBeSeen};
  }
  return std::nullopt;
}

// Answers nothing: it is there to see whether a certificate loads.
class NoHandler final : public HttpHandler {
 public:
  void Handle(const HttpRequest&, std::shared_ptr<HttpExchange>) override {}
};

Json LimitsJson(const HttpHostOptions& options) {
  Json limits = Json::object();
  for (const LimitPolicy& limit : options.limits) limits[limit.name] = LimitText(limit);
  for (const auto* limit : {&options.address_limit, &options.failure_limit}) {
    if (limit->has_value()) limits[(*limit)->name] = LimitText(**limit);
  }
  return limits;
}

// The same as rules that --limit and --budget take.
Json RulesJson(const HttpHostOptions& options) {
  Json limits = Json::array(), budgets = Json::array();
  for (const LimitPolicy& limit : options.limits) {
    for (const std::string& rule : LimitRules(limit)) limits.push_back(rule);
  }
  for (const BudgetRule& budget : options.budgets) budgets.push_back(BudgetRuleText(budget));
  return {{"limit", std::move(limits)}, {"budget", std::move(budgets)}};
}

// What can be known without serving.
Result CheckSettings(const HttpHostOptions& options) {
  const absl::Status token = ReadSecret(DiscordTokenSource(options.discord_token_file)).status();
  if (!token.ok()) return Failure{kUsage, Message(token), kHowToGetABotToken};
  const absl::Status places = ReadNoticePlaces(options.notices).status();
  if (!places.ok()) return Failure{kUsage, Message(places), ""};
  if (absl::Status weak = CheckVariables(); !weak.ok()) return Failure{kUsage, Message(weak), ""};
  if (Result failed = CheckTogether(options)) return failed;
  if (options.tls.certificate_file.empty()) return std::nullopt;
  const absl::Status tls = HttpListener::Start({.tls = options.tls}, std::make_shared<NoHandler>()).status();
  if (!tls.ok()) return Failure{kUsage, Message(tls), ""};
  return std::nullopt;
}

int TellChecked(const HttpHostOptions& options) {
  if (Result failed = CheckSettings(options)) return Report(*failed);
  const std::string origin = fmt::format(
      "{}://{}", options.tls.certificate_file.empty() ? "http" : "https",
      AuthorityText(options.listen.is_any() ? "127.0.0.1" : options.listen.address, options.listen.port));
  const Json settings = {{"url", origin + options.path},
                         {"origin", origin},
                         {"limits", LimitsJson(options)},
                         {"rules", RulesJson(options)}};
  const std::string text =
      options.json ? DumpJson(settings) + "\n"
                   : fmt::format("the settings hold; it would serve MCP at {}{}\n", origin, options.path);
  return WriteAll(STDOUT_FILENO, text, "standard output").ok() ? 0 : kFailed;
}

// Where the state is, and the secret that came with the start.
struct Identity {
  std::string directory;
  Secret discord_token;
  NoticePlaces notice_places;
};

Result ReadIdentity(const HttpHostOptions& options, Identity& identity) {
  // Secrets are taken out of the environment before anything can fail.
  absl::StatusOr<std::optional<Secret>> token = ReadSecret(DiscordTokenSource(options.discord_token_file));
  absl::StatusOr<NoticePlaces> places = ReadNoticePlaces(options.notices);
  absl::StatusOr<std::string> directory = DataDirectory(options.data);
  if (!directory.ok()) return Failure{kUsage, Message(directory.status()), ""};
  identity.directory = *std::move(directory);
  if (!places.ok()) return Failure{kUsage, Message(places.status()), ""};
  identity.notice_places = *std::move(places);
  if (options.sandbox) return std::nullopt;
  if (!token.ok()) return Failure{kUsage, Message(token.status()), kHowToGetABotToken};
  if (!token->has_value()) return Failure{kUsage, "there is no Discord bot token", kHowToGetABotToken};
  identity.discord_token = **std::move(token);
  return std::nullopt;
}

std::string BootstrapText(Service& service) {
  const absl::StatusOr<std::string> file = service.OfferBootstrap();
  if (!file.ok()) return fmt::format("  no token for the first administrator: {}\n", Message(file.status()));
  if (file->empty()) return "";
  return fmt::format(
      "  or become the first administrator: the token in {} is good once, for 30 minutes, from this "
      "machine;\n"
      "  exchange it: POST {}/v1/admin/bootstrap {{\"token\": \"...\"}}\n",
      *file, service.origin());
}

void ShowServing(const HttpHostOptions& options, Service& service, const std::string& directory) {
  std::string text = fmt::format(
      "mcpgate-http: serving MCP at {0}{1}\n"
      "  keys, limits and audit: {2}\n"
      "  Discord: {3}\n"
      "  health: {0}/healthz and {0}/readyz, metrics: {0}/metrics\n",
      service.origin(), options.path, directory,
      options.sandbox ? "a stand-in inside this process"
                      : (options.discord_url.empty() ? "discord.com" : options.discord_url));
  if (!service.has_keys()) {
    text += fmt::format(
        "  no keys yet; make one, it works at once: mcpgate --data '{}' keys create --name me --role writer "
        "--channel '*'\n",
        directory);
  }
  text += BootstrapText(service);
  if (!options.listen.is_loopback() && options.allowed_hosts.empty()) {
    text += "  calls by any other name than localhost are refused; allow one with --allow-host NAME\n";
  }
  (void)WriteAll(STDERR_FILENO, text, "standard error");
}

absl::Status TellReady(const HttpHostOptions& options, const Service& service) {
  if (!options.json) return absl::OkStatus();
  const Json ready = {{"url", service.origin() + options.path},
                      {"origin", service.origin()},
                      {"port", service.port()},
                      {"pid", getpid()},
                      {"sandbox", options.sandbox}};
  return WriteAll(STDOUT_FILENO, DumpJson(ready) + "\n", "standard output");
}

std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

// Keys that stand in no store, and those of them that are in force.
struct StaticKeys {
  StaticKeySource source;
  std::vector<StaticKey> now;
};

// Takes over the static keys and then what else can change; all of it or nothing.
absl::Status Renew(const HttpHostOptions& options, Service& service, StaticKeys& keys) {
  absl::StatusOr<std::vector<StaticKey>> fresh = keys.source.Read(options.static_keys);
  if (!fresh.ok()) return fresh.status();
  if (absl::Status status = service.UseKeys(*fresh); !status.ok()) return status;
  if (absl::Status status = service.Reload(options); !status.ok()) {
    service.UseKeys(keys.now).IgnoreError();
    return status;
  }
  keys.now = *std::move(fresh);
  return absl::OkStatus();
}

void Reread(const std::function<ParsedHttpOptions()>& reread, Service& service, StaticKeys& keys,
            const Log& log) {
  const ParsedHttpOptions parsed = reread();
  if (parsed.exit_code.has_value()) {
    return log.Error("SIGHUP: nothing was changed: " + FirstLine(parsed.err));
  }
  const absl::Status reloaded = Renew(parsed.options, service, keys);
  if (!reloaded.ok()) return log.Error("SIGHUP: nothing was changed: " + Message(reloaded));
  log.Warning(
      "SIGHUP: TLS files, policy, static keys, allowed hosts and origins, access log and metrics are as "
      "configured now");
  for (const std::string& name : service.NeedRestart(parsed.options)) {
    log.Warning(fmt::format("SIGHUP: the new {} needs a restart", name));
  }
}

}  // namespace

int RunHttpHost(const HttpHostOptions& options, std::function<ParsedHttpOptions()> reread) {
  if (!options.core_dumps) ForbidMemoryDumps();
  if (options.check) return TellChecked(options);
  Identity identity;
  if (Result failed = ReadIdentity(options, identity)) return Report(*failed);
  StaticKeys keys;
  if (absl::Status status = keys.source.Take(); !status.ok()) return Report({kUsage, Message(status), ""});
  absl::StatusOr<std::vector<StaticKey>> first = keys.source.Read(options.static_keys);
  if (!first.ok()) return Report({kUsage, Message(first.status()), ""});
  keys.now = *std::move(first);
  if (absl::Status weak = CheckVariables(); !weak.ok()) return Report({kUsage, Message(weak), ""});
  if (Result failed = CheckTogether(options)) return Report(*failed);

  StopSignals signals;
  const Log log(options.log_level);
  Service service(options, log);
  if (Result failed = service.Start(identity.directory, std::move(identity.discord_token),
                                    std::move(identity.notice_places))) {
    return Report(*failed);
  }
  if (absl::Status status = service.UseKeys(keys.now); !status.ok()) {
    return Report({kUsage, Message(status), ""});
  }
  ShowServing(options, service, identity.directory);
  signals.OnHangup([&] { Reread(reread, service, keys, log); });
  if (const absl::Status told = TellReady(options, service); !told.ok()) {
    return Report({kFailed, Message(told), ""});
  }
  WaitForStop(signals.token());
  signals.OnHangup([] {});
  if (!service.Stop()) log.Warning("some calls were still under way after the grace time and were cut off");
  return 0;
}

}  // namespace mcpgate::hosts
