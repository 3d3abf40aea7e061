#include "http/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <utility>

#include "common/data_directory.h"
#include "common/limit_text.h"
#include "common/time_text.h"
#include "http/config_file.h"
#include "mcpgate/version.h"

namespace mcpgate::hosts {
namespace {

constexpr char kAbout[] =
    "Serves MCP tools over HTTP (Streamable HTTP, every revision), behind a gate: every call is "
    "authenticated\n"
    "by an API key, authorized, limited and recorded. Clients send `Authorization: Bearer KEY`.";

constexpr char kMore[] =
    R"(Each option is also an environment variable (MCPGATE_HTTP_LISTEN, MCPGATE_LIMITS ...) and a member of the
file that --config names, under the same name: {"listen": "127.0.0.1:8808", "allow-host": ["mcp.example.com"]}.
An option wins over a variable, a variable over the file. The Discord bot token comes from
--discord-token-file, MCPGATE_DISCORD_TOKEN or MCPGATE_DISCORD_TOKEN_FILE; secrets are never options.

Beside --path it answers /healthz (it lives), /readyz (it can serve; named checks) and /metrics (Prometheus);
below /v1 administration over REST, described at /docs.

Limits shipped: for a key posting (5 posts, forgotten when the last is an hour old), per-key (100 calls a
minute), per-tool (10 calls of each tool a minute) and burst (50 calls a second, 100 at once); for a client's
address, before its key is looked at, 100 requests a second with 600 at once, and 30 refused keys a minute. An
IPv6 address counts with its /64. --limit takes them all: --limit 'per-key=segmented:1000/1m' or
--limit 'mine=exact:60/1m per address'. MCP_RL_BUCKET and MCP_RL_WINDOW_MS, as other servers read them, set
per-key.

Examples:
  # try it without Discord
  mcpgate keys create --name me --role writer --channel '*'
  mcpgate-http --sandbox
  # for other machines, with TLS
  mcpgate-http --listen 0.0.0.0:443 --tls-cert chain.pem --tls-key key.pem --allow-host mcp.example.com
  # behind a reverse proxy on this machine that ends TLS
  mcpgate-http --allow-host mcp.example.com --trusted-proxy 127.0.0.1

Signals: SIGTERM and SIGINT end what is under way and then the program, a second one ends it at once. SIGHUP
reads TLS files, --policy, the file of MCPGATE_API_KEYS_FILE, --allow-host, --allow-origin, --access-log and --metrics-open again, and names settings
that need a restart.
Exit codes: 0 ended by a signal; 1 failed; 2 wrong options, or no bot token.
)";

template <typename Read>
CLI::Validator Check(Read read) {
  return CLI::Validator([read](std::string& text) { return Problem(read(text)); }, "");
}

// As they were written; each was checked when it was read.
struct Texts : SharedTexts {
  std::string listen = "127.0.0.1:8808";
  std::vector<std::string> trusted_proxies;
  std::string address_limit = "gcra:6000/1m:600";
  std::string failure_limit = "exact:30/1m";
  std::string access_log = "on";
  std::string grace = "10s";
};

// The policy of a limit by address; nullopt when it is off.
absl::StatusOr<std::optional<LimitPolicy>> AddressPolicy(LimitScope scope, const std::string& rule) {
  if (rule == "off") return std::optional<LimitPolicy>();
  const std::string_view name = scope == LimitScope::kAddress ? "address" : "failures";
  std::vector<LimitPolicy> limits;
  if (absl::Status status = SetLimit(limits, fmt::format("{}={}", name, rule)); !status.ok()) return status;
  limits.front().scope = scope;
  std::optional<LimitPolicy> requests, failures;
  if (absl::Status status = TakeAddressLimits(limits, requests, failures); !status.ok()) return status;
  return scope == LimitScope::kAddress ? requests : failures;
}

absl::Status CheckPath(const std::string& path) {
  if (path.size() > 1 && path.starts_with('/') && path.find_first_of("?# ") == path.npos &&
      path != "/healthz" && path != "/readyz" && path != "/metrics") {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      fmt::format("'{}' cannot be the path of MCP; write one such as /mcp", path.substr(0, 80)));
}

CLI::Validator AddressLimitCheck(LimitScope scope) {
  return Check([scope](const std::string& rule) { return AddressPolicy(scope, rule).status(); });
}

void DeclareListening(CLI::App& app, HttpHostOptions& options, Texts& texts) {
  app.add_option("--config", options.config, "File with settings; a JSON object, comments allowed")
      ->envname("MCPGATE_HTTP_CONFIG")
      ->type_name("FILE");
  app.add_option("--listen", texts.listen, "Where to listen; port 0 is any free one [127.0.0.1:8808]")
      ->envname("MCPGATE_HTTP_LISTEN")
      ->check(Check([](const std::string& text) { return ListenAt::Parse(text).status(); }))
      ->type_name("ADDRESS:PORT");
  app.add_option("--path", options.path, "Where MCP is served [/mcp]")
      ->envname("MCPGATE_HTTP_PATH")
      ->check(Check(CheckPath))
      ->type_name("PATH");
  app.add_option("--tls-cert", options.tls.certificate_file, "PEM file with the certificate's whole chain")
      ->envname("MCPGATE_HTTP_TLS_CERT")
      ->type_name("FILE");
  app.add_option("--tls-key", options.tls.key_file, "PEM file with its key")
      ->envname("MCPGATE_HTTP_TLS_KEY")
      ->type_name("FILE");
  app.add_flag("--insecure", options.insecure,
               "Listen beyond loopback without TLS; keys can be read on the way")
      ->envname("MCPGATE_HTTP_INSECURE");
  app.add_option("--grace", texts.grace, "How long calls under way may take after SIGTERM [10s]")
      ->envname("MCPGATE_HTTP_GRACE")
      ->check(Check([](const std::string& text) { return ParseDuration(text).status(); }))
      ->type_name("DURATION");
}

void DeclareClients(CLI::App& app, HttpHostOptions& options, Texts& texts) {
  app.add_option("--allow-host", options.allowed_hosts,
                 "Name that clients may call this server by, without port;\nrepeatable [names of loopback]")
      ->envname("MCPGATE_HTTP_ALLOW_HOSTS")
      ->delimiter(',')
      ->type_name("NAME");
  app.add_option("--allow-origin", options.allowed_origins,
                 "Origin of web pages that may call, https://app.example.com;\nrepeatable [allowed hosts]")
      ->envname("MCPGATE_HTTP_ALLOW_ORIGINS")
      ->delimiter(',')
      ->type_name("ORIGIN");
  app.add_option("--trusted-proxy", texts.trusted_proxies,
                 "Proxy whose Forwarded or X-Forwarded-For is believed;\nrepeatable [none]")
      ->envname("MCPGATE_HTTP_TRUSTED_PROXIES")
      ->delimiter(',')
      ->check(Check([](const std::string& text) { return IpNetwork::Parse(text).status(); }))
      ->type_name("NETWORK");
  DeclareStaticKeys(app, options.static_keys);
  app.add_option(
         "--address-limit", texts.address_limit,
         "Requests of one address: exact:N/DURATION,\ngcra:N/DURATION[:BURST] or off [gcra:6000/1m:600]")
      ->envname("MCPGATE_HTTP_ADDRESS_LIMIT")
      ->check(AddressLimitCheck(LimitScope::kAddress))
      ->type_name("RULE");
  app.add_option("--failure-limit", texts.failure_limit, "Refused keys of one address [exact:30/1m]")
      ->envname("MCPGATE_HTTP_FAILURE_LIMIT")
      ->check(AddressLimitCheck(LimitScope::kFailedAuth))
      ->type_name("RULE");
}

void DeclareRest(CLI::App& app, HttpHostOptions& options, Texts& texts) {
  app.add_flag("--metrics-open", options.metrics_open,
               "Show /metrics to everybody, not only to clients of this\nmachine that come through no proxy")
      ->envname("MCPGATE_HTTP_METRICS_OPEN");
  app.add_flag("--admin,!--no-admin", options.admin,
               "The REST service below /v1, described at /docs; for keys of\nthe role admin, and a few paths "
               "for all [on]")
      ->envname("MCPGATE_HTTP_ADMIN");
  app.add_option("--access-log", texts.access_log, "A JSON line a request on standard error: on or off [on]")
      ->envname("MCPGATE_HTTP_ACCESS_LOG")
      ->check(CLI::IsMember({"on", "off", "true", "false"}))
      ->type_name("on|off");
  app.add_flag("--json", options.json, "One JSON line on standard output once it serves: {\"url\": ...}")
      ->configurable(false);
  app.add_flag("--check", options.check, "Say whether the settings hold, and end; with --json what they are")
      ->configurable(false);
  app.set_version_flag("--version", std::string("mcpgate-http ") + kVersion)->configurable(false);
  app.get_option("--config")->configurable(false);
  app.get_help_ptr()->configurable(false);
}

CLI::Option* FindOption(CLI::App& app, const std::string& name) {
  CLI::Option* option = app.get_option_no_throw("--" + name);
  if (option == nullptr || !option->get_configurable()) {
    throw CLI::ConfigError(
        fmt::format("there is no setting '{}'; mcpgate-http --help names them", name.substr(0, 80)));
  }
  return option;
}

// Variables that are read, and removed, elsewhere: a secret or the file it is in.
bool VariableWins(const std::string& name) {
  for (const auto& [setting, variable] : {
           std::pair("discord-token-file", "MCPGATE_DISCORD_TOKEN"),
           std::pair("notice-webhook-secret-file", "MCPGATE_NOTICE_WEBHOOK_SECRET"),
           std::pair("notice-slack-url-file", "MCPGATE_NOTICE_SLACK_URL"),
           std::pair("notice-mail-password-file", "MCPGATE_NOTICE_MAIL_PASSWORD"),
       }) {
    if (name != setting) continue;
    return !(Environment(variable).empty() && Environment((std::string(variable) + "_FILE").c_str()).empty());
  }
  return false;
}

// CLI11 takes any text for a flag, and the last of several values for an option that has one.
void CheckShape(const CLI::Option& option, const ConfigSetting& setting) {
  const std::string& first = setting.values.front();
  if (setting.values.size() > 1 && option.get_items_expected_max() <= 1) {
    throw CLI::ConfigError(setting.name + ": one value is expected, not a list");
  }
  if (option.get_items_expected_max() == 0 && first != "true" && first != "false") {
    throw CLI::ConfigError(setting.name + ": true or false is expected");
  }
}

// Fills what neither an option nor a variable has said.
void ApplySetting(CLI::App& app, const ConfigSetting& setting) {
  CLI::Option* const option = FindOption(app, setting.name);
  if (option->count() > 0 || setting.values.empty() || VariableWins(setting.name)) return;
  CheckShape(*option, setting);
  for (const std::string& value : setting.values) option->add_result(value);
  option->run_callback();
}

void ApplyFile(CLI::App& app, const std::string& path) {
  if (path.empty()) return;
  const absl::StatusOr<std::vector<ConfigSetting>> settings = ReadConfigFile(path);
  if (!settings.ok()) throw CLI::ConfigError(Problem(settings.status()));
  for (const ConfigSetting& setting : *settings) {
    try {
      ApplySetting(app, setting);
    } catch (const CLI::ParseError& error) {
      throw CLI::ConfigError(fmt::format("{}:{}: {}", path, setting.line, error.what()));
    }
  }
}

void ApplyTexts(const Texts& texts, HttpHostOptions& options) {
  ApplyShared(texts, options);
  options.address_limit = AddressPolicy(LimitScope::kAddress, texts.address_limit).value_or(std::nullopt);
  options.failure_limit = AddressPolicy(LimitScope::kFailedAuth, texts.failure_limit).value_or(std::nullopt);
  const std::string problem =
      Problem(TakeAddressLimits(options.limits, options.address_limit, options.failure_limit));
  if (!problem.empty()) throw CLI::ValidationError("--limit", problem);
  options.listen = ListenAt::Parse(texts.listen).value_or(ListenAt());
  for (const std::string& text : texts.trusted_proxies) {
    if (auto network = IpNetwork::Parse(text); network.ok()) options.trusted_proxies.push_back(*network);
  }
  options.grace = ParseDuration(texts.grace).value_or(options.grace);
  options.access_log = texts.access_log == "on" || texts.access_log == "true";
}

}  // namespace

std::vector<Bound> HttpBounds(HttpHostOptions& options) {
  constexpr Nanos kLongestTimeout = std::chrono::hours(24);  // HttpListener takes no more
  constexpr auto kTime = Bound::Unit::kTime;
  constexpr auto kBytes = Bound::Unit::kBytes;
  ServerOptions& server = options.server;
  StreamableHttpOptions& streams = options.streams;
  HttpListenerOptions& listener = options.listener;
  std::vector<Bound> bounds = {
      {.name = "max-sessions", .help = "Sessions of the 2025 era", .value = &server.max_sessions},
      {.name = "max-sessions-of-key", .help = "The same of one key", .value = &server.max_sessions_of_key},
      {.name = "session-idle",
       .help = "How long one is kept that nobody uses",
       .value = &server.session_idle,
       .unit = kTime},
      {.name = "max-listens", .help = "Streams of subscriptions/listen", .value = &server.max_listens},
      {.name = "max-listens-of-key", .help = "The same of one key", .value = &server.max_listens_of_key},
      {.name = "replay-events",
       .help = "Events of a session that are kept for clients whose\nconnection broke; 0: none",
       .value = &streams.replay.events_of_session,
       .least = 0},
      {.name = "replay-bytes",
       .help = "What these may take up",
       .value = &streams.replay.bytes_of_session,
       .unit = kBytes},
      {.name = "replay-bytes-of-all",
       .help = "The same of all sessions together",
       .value = &streams.replay.bytes,
       .unit = kBytes},
      {.name = "disconnect-after",
       .help = "How long a stream of 2025-11-25 keeps one connection",
       .value = &streams.disconnect_after,
       .unit = kTime,
       .may_be_off = true},
      {.name = "retry",
       .help = "When such a client is to come back, at the earliest",
       .value = &streams.retry,
       .unit = kTime},
      {.name = "keep-alive",
       .help = "Pause between comments in a quiet stream",
       .value = &streams.keep_alive,
       .unit = kTime},
      {.name = "max-connections",
       .help = "Connections; more wait in the system's queue",
       .value = &listener.max_connections},
      {.name = "max-body", .help = "Longest body of a request", .value = &listener.max_body, .unit = kBytes},
      {.name = "header-timeout",
       .help = "For a request's headers to be there, or a handshake",
       .value = &listener.header_timeout,
       .unit = kTime,
       .longest = kLongestTimeout},
      {.name = "body-timeout",
       .help = "For its body to be there",
       .value = &listener.body_timeout,
       .unit = kTime,
       .longest = kLongestTimeout},
      {.name = "idle-timeout",
       .help = "How long a connection is kept between requests",
       .value = &listener.idle_timeout,
       .unit = kTime,
       .longest = kLongestTimeout},
      {.name = "write-timeout",
       .help = "How long a client may take nothing of its answer",
       .value = &listener.write_timeout,
       .unit = kTime,
       .longest = kLongestTimeout},
  };
  for (Bound& bound : bounds) bound.is_for_all = false;
  return bounds;
}

ParsedHttpOptions ParseHttpOptions(int argc, char** argv) {
  ParsedHttpOptions parsed;
  Texts texts;
  CLI::App app(kAbout, "mcpgate-http");
  app.footer(kMore);
  app.get_formatter()->column_width(32);
  DeclareListening(app, parsed.options, texts);
  DeclareClients(app, parsed.options, texts);
  DeclareShared(app, parsed.options, texts);
  DeclareRest(app, parsed.options, texts);
  DeclareBounds(app, HttpBounds(parsed.options));
  static_cast<Parsed&>(parsed) = Parse(app, argc, argv, [&] {
    ApplyFile(app, parsed.options.config);
    ApplyTexts(texts, parsed.options);
  });
  return parsed;
}

}  // namespace mcpgate::hosts
