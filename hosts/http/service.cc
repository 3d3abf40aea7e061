#include "http/service.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <stop_token>
#include <thread>
#include <utility>

#include "common/policy_file.h"
#include "http/address_gate.h"
#include "http/bootstrap_offer.h"
#include "http/notice_metrics.h"
#include "mcpgate/admin.h"
#include "mcpgate/streamable_http.h"

namespace mcpgate::hosts {
namespace {

HealthCheck Named(std::string name, const absl::Status& status) {
  return {.name = std::move(name), .ok = status.ok(), .note = Message(status)};
}

absl::Status CheckWritable(const std::string& path) {
  if (access(path.c_str(), W_OK) == 0) return absl::OkStatus();
  return absl::UnavailableError(path + " cannot be written");
}

// The storage tells one health for both of its databases; the files are looked at each by itself.
std::vector<HealthCheck> CheckParts(Wiring& wiring, const std::string& directory) {
  SqliteStorage& storage = wiring.storage();
  absl::Status store = storage.Health();
  absl::Status audit = store;
  store.Update(CheckWritable(directory + "/gate.db"));
  audit.Update(CheckWritable(directory + "/audit.db"));
  const std::string concern = wiring.discord().Concern();
  std::vector<HealthCheck> checks = {
      Named("key_store_readable", storage.keys()->List({.limit = 1}).status()),
      Named("store_writable", store),
      {.name = "discord", .ok = concern.empty(), .note = concern, .decides = false}};
  const std::vector<AuditMemberHealth> places = wiring.AuditHealth();
  for (const AuditMemberHealth& place : places) {
    checks.push_back(Named("audit_" + place.name, place.status));
    checks.back().decides = place.required;
  }
  HealthCheck& written = checks.emplace_back(Named("audit_writable", audit));
  written.decides = places.empty() || std::any_of(places.begin(), places.end(), [](const auto& place) {
                      return place.required && place.name == "db";
                    });
  return checks;
}

// Ends streams again and again until `stop`: a request that was under way may have opened one.
void EndStreamsUntil(const std::function<void()>& end_streams, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    end_streams();
    woken.wait_for(lock, stop, std::chrono::milliseconds(50), [] { return false; });
  }
}

// Two lists of the same bounds.
void CompareBounds(const std::vector<Bound>& now, const std::vector<Bound>& fresh,
                   std::vector<std::string>& different) {
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (ValueText(now[i]) != ValueText(fresh[i])) different.emplace_back(now[i].name);
  }
}

// Those of addresses too.
std::vector<LimitPolicy> AllLimits(const HttpHostOptions& options) {
  std::vector<LimitPolicy> limits = options.limits;
  for (const auto* policy : {&options.address_limit, &options.failure_limit}) {
    if (*policy) limits.push_back(**policy);
  }
  return limits;
}

// Every limit, as it would be written.
std::vector<std::string> RulesOf(const HttpHostOptions& options) {
  std::vector<std::string> rules;
  for (const LimitPolicy& policy : AllLimits(options)) {
    for (std::string& rule : LimitRules(policy)) rules.push_back(std::move(rule));
  }
  return rules;
}

std::optional<HttpTls> TlsOf(const HttpHostOptions& options) {
  if (options.tls.certificate_file.empty()) return std::nullopt;
  return options.tls;
}

}  // namespace

Result Service::Start(const std::string& data_directory, Secret discord_token, NoticePlaces notice_places) {
  data_directory_ = data_directory;
  observations_ = std::make_shared<Observations>(options_.access_log);
  limit_counts_ = std::make_unique<LimitCounts>(AllLimits(options_));
  if (Result failed = StartWiring(data_directory, std::move(discord_token), std::move(notice_places))) {
    return failed;
  }
  health_ = std::make_shared<HealthMonitor>(
      [this, data_directory] { return CheckParts(*wiring_, data_directory); });
  *metrics_open_ = options_.metrics_open;
  return StartListener();
}

Result Service::StartSandbox(WiringOptions& parts) {
  absl::StatusOr<std::unique_ptr<Sandbox>> sandbox =
      Sandbox::Start({.seed = options_.sandbox_seed, .latency = options_.sandbox_latency});
  if (!sandbox.ok()) return Failure{kFailed, Message(sandbox.status()), ""};
  sandbox_ = *std::move(sandbox);
  parts.discord_token = sandbox_->token();
  parts.discord_url = sandbox_->base_url();
  return std::nullopt;
}

Result Service::StartWiring(const std::string& data_directory, Secret discord_token,
                            NoticePlaces notice_places) {
  // Keys made later work at once, so an empty store is no reason not to start.
  WiringOptions parts{.data_directory = data_directory,
                      .create = true,
                      .limits = options_.limits,
                      .budgets = options_.budgets,
                      .policy_file = options_.policy_file,
                      .discord_token = std::move(discord_token),
                      .discord_url = options_.discord_url,
                      .server = options_.server,
                      .kept_tasks = options_.kept_tasks,
                      .job_ttl = options_.job_ttl,
                      .audit = options_.audit,
                      .notice_places = std::move(notice_places),
                      .on_limit = [counts = limit_counts_.get()](
                                      const LimitEvent& event) { counts->Note(event.kind, *event.policy); },
                      .log = [&log = log_](std::string_view line) { log.Warning(line); }};
  parts.server.middleware = {observations_->traffic.methods()};
  if (options_.sandbox) {
    if (Result failed = StartSandbox(parts)) return failed;
  }
  absl::StatusOr<std::unique_ptr<Wiring>> wiring = Wiring::New(std::move(parts));
  if (!wiring.ok()) return Failure{kFailed, Message(wiring.status()), ""};
  wiring_ = *std::move(wiring);
  return std::nullopt;
}

Result Service::StartListener() {
  absl::StatusOr<std::shared_ptr<HttpHandler>> handler = NewHandler();
  if (!handler.ok()) return Failure{kUsage, Message(handler.status()), ""};
  HttpListenerOptions at = options_.listener;
  at.address = options_.listen.address;
  at.port = options_.listen.port;
  at.tls = TlsOf(options_);
  absl::StatusOr<std::unique_ptr<HttpListener>> listener =
      HttpListener::Start(std::move(at), *std::move(handler));
  if (!listener.ok()) {
    return Failure{kFailed, Message(listener.status()),
                   "Name another place with --listen ADDRESS:PORT; port 0 is any free one."};
  }
  listener_ = *std::move(listener);
  counted_ = listener_.get();
  health_->SetServing();
  return std::nullopt;
}

absl::StatusOr<std::shared_ptr<HttpHandler>> Service::NewMcp(const HttpHostOptions& options) {
  StreamableHttpOptions mcp = options_.streams;
  mcp.server = &wiring_->server();
  mcp.gate = &wiring_->gate();
  mcp.path = options_.path;
  mcp.allowed_hosts = options.allowed_hosts;
  mcp.allowed_origins = options.allowed_origins;
  return NewStreamableHttp(std::move(mcp));
}

absl::StatusOr<std::shared_ptr<AdminApi>> Service::NewAdmin(const HttpHostOptions& options) {
  return NewAdminApi({.gate = &wiring_->gate(),
                      .keyring = &wiring_->keyring(),
                      .trail = wiring_->storage().trail(),
                      .ledger = wiring_->ledger(),
                      .registry = wiring_->registry(),
                      .tokens = {.files = token_files_,
                                 .config =
                                     [this](const std::string& name, const std::string& path) {
                                       return TokenSnippet(PlaceOfTokens(), name, path);
                                     }},
                      .bootstrap_audit = wiring_->audit(),
                      .on_bootstrap = [directory = data_directory_] { WithdrawBootstrap(directory); },
                      .allowed_hosts = options.allowed_hosts,
                      .allowed_origins = options.allowed_origins});
}

absl::StatusOr<std::shared_ptr<HttpHandler>> Service::NewHandler() {
  absl::StatusOr<std::shared_ptr<HttpHandler>> mcp = NewMcp(options_);
  if (!mcp.ok()) return mcp.status();
  mcp_ = std::make_shared<Mount>(*std::move(mcp));
  if (options_.admin) {
    absl::StatusOr<std::unique_ptr<TokenFiles>> files =
        TokenFiles::New({.directory = data_directory_ + "/mcp-tokens", .admin = &wiring_->keyring().admin()});
    if (!files.ok()) return files.status();
    token_files_ = *std::move(files);
    absl::StatusOr<std::shared_ptr<AdminApi>> admin = NewAdmin(options_);
    if (!admin.ok()) return admin.status();
    admins_.push_back(*admin);
    admin_ = std::make_shared<Mount>(*std::move(admin));
  }
  std::shared_ptr<HttpHandler> router = NewRouter({.mcp_path = options_.path,
                                                   .mcp = mcp_,
                                                   .admin = admin_,
                                                   .health = health_,
                                                   .metrics = [this] { return MetricsText(); },
                                                   .metrics_open = metrics_open_});
  std::shared_ptr<HttpHandler> gate = NewAddressGate(
      {.requests = options_.address_limit,
       .failures = options_.failure_limit,
       .mcp_path = options_.path,
       .on_limit = [counts = limit_counts_.get()](LimitEvent::Kind kind,
                                                  const LimitPolicy& policy) { counts->Note(kind, policy); },
       .log = [&log = log_](std::string_view line) { log.Warning(line); }},
      std::move(router));
  return NewObserver(observations_, options_.path, options_.trusted_proxies, std::move(gate));
}

std::string Service::MetricsText() const {
  const HttpListener* const listener = counted_;
  std::string text = observations_->traffic.Text(
      {.open_connections = listener == nullptr ? 0 : listener->open_connections(),
       .accepted_connections = listener == nullptr ? 0 : listener->accepted_connections(),
       .dropped_log_lines = observations_->log.dropped(),
       .ready = health_->Report().ready()});
  limit_counts_->Append(text);
  AppendNoticeMetrics(text, wiring_->notices().Places());
  return text;
}

std::vector<std::string> Service::NeedRestart(HttpHostOptions fresh) {
  std::vector<std::string> names;
  const auto compare = [&names](const char* name, bool same) {
    if (!same) names.push_back(name);
  };
  const ListenAt& at = options_.listen;
  compare("listen", fresh.listen.address == at.address && fresh.listen.port == at.port);
  compare("path", fresh.path == options_.path);
  compare("tls-cert", fresh.tls.certificate_file == options_.tls.certificate_file);
  compare("tls-key", fresh.tls.key_file == options_.tls.key_file);
  compare("data", fresh.data == options_.data);
  compare("sandbox", fresh.sandbox == options_.sandbox);
  compare("admin", fresh.admin == options_.admin);
  compare("discord-url", fresh.discord_url == options_.discord_url);
  compare("audit-*", fresh.audit == options_.audit);
  compare("notice-*", fresh.notices == options_.notices);
  compare("limit", RulesOf(fresh) == RulesOf(options_));
  compare("job-ttl", fresh.job_ttl == options_.job_ttl);
  compare("budget", fresh.budgets == options_.budgets);
  CompareBounds(ServerBounds(options_), ServerBounds(fresh), names);
  CompareBounds(HttpBounds(options_), HttpBounds(fresh), names);
  return names;
}

absl::Status Service::Reload(const HttpHostOptions& fresh) {
  absl::StatusOr<std::shared_ptr<HttpHandler>> mcp = NewMcp(fresh);
  if (!mcp.ok()) return mcp.status();
  absl::StatusOr<std::shared_ptr<const Policy>> policy =
      fresh.policy_file.empty() ? Policy::New({}) : ReadPolicyFile(fresh.policy_file);
  if (!policy.ok()) return policy.status();
  absl::StatusOr<std::shared_ptr<AdminApi>> admin = NewAdmin(fresh);
  if (!admin.ok()) return admin.status();
  if (TlsOf(options_)) {
    if (absl::Status status = listener_->ReloadTls(); !status.ok()) return status;
  }
  // Nothing can fail from here on.
  wiring_->gate().SetPolicy(*std::move(policy));
  if (fresh.allowed_hosts != options_.allowed_hosts || fresh.allowed_origins != options_.allowed_origins) {
    mcp_->Replace(*std::move(mcp));
    if (admin_ != nullptr) {
      std::erase_if(admins_, [](const auto& each) { return each.expired(); });
      admins_.push_back(*admin);
      admin_->Replace(*std::move(admin));
    }
    options_.allowed_hosts = fresh.allowed_hosts;
    options_.allowed_origins = fresh.allowed_origins;
  }
  observations_->log.Switch(fresh.access_log);
  *metrics_open_ = fresh.metrics_open;
  return absl::OkStatus();
}

absl::Status Service::UseKeys(const std::vector<StaticKey>& keys) {
  const absl::Status status = UseStaticKeys(wiring_->keyring(), *wiring_->storage().keys(), keys, log_);
  if (status.ok()) has_static_keys_ = !keys.empty();
  return status;
}

bool Service::Stop() {
  health_->SetDraining();
  const auto end_streams = [this] {
    wiring_->server().EndStreams();
    for (const auto& each : admins_) {
      if (const auto admin = each.lock()) admin->EndStreams();
    }
  };
  std::jthread ending([&end_streams](std::stop_token stop) { EndStreamsUntil(end_streams, stop); });
  return listener_->Drain(options_.grace);
}

std::string Service::origin() const {
  const HttpListener* const listener = counted_;  // requests ask too, as soon as it listens
  const bool any = options_.listen.is_any();
  const std::string address = any ? "127.0.0.1" : options_.listen.address;
  return fmt::format("{}://{}", TlsOf(options_) ? "https" : "http",
                     AuthorityText(address, listener == nullptr ? options_.listen.port : listener->port()));
}

bool Service::has_keys() {
  if (has_static_keys_) return true;
  const absl::StatusOr<KeyPage> keys = wiring_->keyring().admin().List(TenantScope::Operator(), {.limit = 2});
  return !keys.ok() || !keys->keys.empty();
}

absl::StatusOr<std::string> Service::OfferBootstrap() {
  if (!options_.admin || has_static_keys_) return std::string();
  return hosts::OfferBootstrap(wiring_->keyring().admin(), data_directory_);
}

TokenPlace Service::PlaceOfTokens() const {
  return {.data_directory = data_directory_,
          .url = origin() + options_.path,
          .sandbox = options_.sandbox,
          .discord_token_file = options_.discord_token_file};
}

}  // namespace mcpgate::hosts
