#include "common/wire.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/budget_text.h"
#include "common/policy_file.h"
#include "common/tools.h"
#include "mcpgate/executor.h"
#include "mcpgate/registry.h"

namespace mcpgate::hosts {
namespace {

constexpr char kInstructions[] =
    "Every call is checked against the rights of your key, limited and recorded. A refusal says why; after a "
    "rate limit wait for the time it names. check_server_status shows which limits you have left. Posting "
    "tools take dry_run to try a message without sending it.";

constexpr std::size_t kThreadsBeside = 4;

// What the gate says of its limits, once a window for each counter.
std::function<void(const LimitEvent&)> TellLimits(const WiringOptions& options, Notices& notices) {
  return [log = options.log, on_limit = options.on_limit, &notices](const LimitEvent& event) {
    if (on_limit) on_limit(event);
    // The trail has every refusal.
    if (!event.first || event.kind == LimitEvent::Kind::kRefused) return;
    const bool is_near = event.kind == LimitEvent::Kind::kNear;
    if (is_near) notices.TellSoon(event);
    if (!log) return;
    const char* what = is_near ? "is used to four fifths by" : "would refuse";
    log(fmt::format("limit '{}' {} key {}, calling {}", event.policy->name, what, event.key_id,
                    event.action));
  };
}

}  // namespace

absl::StatusOr<std::unique_ptr<Wiring>> Wiring::New(WiringOptions options) {
  absl::StatusOr<Store> store = OpenStore({.directory = options.data_directory,
                                           .create = options.create,
                                           .keeping = KeepingOf(options.audit),
                                           .tasks = options.kept_tasks,
                                           .log = options.log});
  if (!store.ok()) return store.status();
  std::unique_ptr<Wiring> wiring(new Wiring);
  wiring->store_ = *std::move(store);
  if (options.log && !wiring->storage().repaired().empty()) options.log(wiring->storage().repaired());
  absl::StatusOr<std::unique_ptr<Notices>> notices =
      Notices::New(std::move(options.notice_places), wiring->store_, options.log);
  if (!notices.ok()) return notices.status();
  wiring->notices_ = *std::move(notices);
  if (absl::Status status = wiring->OpenLedger(options); !status.ok()) return status;
  if (absl::Status status = wiring->MakeGate(options); !status.ok()) return status;
  if (options.job_ttl) wiring->StartHousekeeping(options);
  ServerOptions server = std::move(options.server);
  if (absl::Status status = wiring->MakeDiscord(std::move(options)); !status.ok()) return status;
  if (absl::Status status = wiring->MakeServer(std::move(server)); !status.ok()) return status;
  return wiring;
}

absl::Status Wiring::OpenLedger(const WiringOptions& options) {
  if (options.budgets.empty()) return absl::OkStatus();
  LedgerOptions ledger{.rules = options.budgets};
  ledger.on_alert = [log = options.log, notices = notices_.get()](const BudgetAlert& alert) {
    if (log) log(BudgetAlertText(alert));
    notices->Tell(alert);
  };
  absl::StatusOr<std::shared_ptr<Ledger>> opened = storage().ledger(std::move(ledger));
  if (opened.ok()) ledger_ = *std::move(opened);
  return opened.status();
}

absl::Status Wiring::MakeGate(const WiringOptions& options) {
  SqliteStorage& state = *store_.storage;
  absl::StatusOr<std::shared_ptr<const Policy>> policy =
      options.policy_file.empty() ? Policy::New({}) : ReadPolicyFile(options.policy_file);
  if (!policy.ok()) return policy.status();
  absl::StatusOr<AuditPlaces> audit = OpenAuditPlaces(options.audit, state, options.log);
  if (!audit.ok()) return audit.status();
  audit_ = *std::move(audit);
  absl::StatusOr<std::unique_ptr<Gate>> gate =
      Gate::New({.keyring = store_.keyring,
                 .audit = audit_.sink,
                 .limiter = NewTieredRateLimiter(NewLocalRateLimiter(), state.limiter()),
                 .limits = options.limits,
                 .policy = *std::move(policy),
                 .budget = ledger_,
                 .digest_key = DeriveSecret(state.root_key(), "digest"),
                 .on_limit = TellLimits(options, *notices_)});
  if (!gate.ok()) return gate.status();
  gate_ = *std::move(gate);
  return absl::OkStatus();
}

void Wiring::StartHousekeeping(const WiringOptions& options) {
  housekeeper_ = std::make_unique<Housekeeper>(
      Housekeeper::Options{.household = {.keys = &keyring().admin(),
                                         .tasks = storage().tasks().get(),
                                         .audit = audit_.sink.get(),
                                         .token_files = options.data_directory + "/mcp-tokens",
                                         .keep = *options.job_ttl},
                           .log = options.log});
}

std::vector<AuditMemberHealth> Wiring::AuditHealth() const {
  return audit_.fan_out == nullptr ? std::vector<AuditMemberHealth>() : audit_.fan_out->Members();
}

absl::Status Wiring::MakeDiscord(WiringOptions options) {
  absl::StatusOr<std::shared_ptr<Discord>> discord = Discord::New(
      {.bot_token = std::move(options.discord_token),
       .base_url = options.discord_url.empty() ? DiscordOptions().base_url : std::move(options.discord_url),
       .nonce_key = DeriveSecret(storage().root_key(), "discord nonce")});
  if (!discord.ok()) return discord.status();
  discord_ = *std::move(discord);
  return absl::OkStatus();
}

absl::Status Wiring::MakeServer(ServerOptions server) {
  registry_ = std::make_shared<Registry>();
  if (absl::Status status = AddHostTools(*registry_, storage(), discord_); !status.ok()) return status;
  // Whoever waits for a client or runs a task holds a thread; some more are for calls that end soon.
  const std::size_t held = server.max_asking + server.max_running_tasks;
  server.executor = NewThreadPool({.threads = std::max(ThreadPoolOptions().threads, held + kThreadsBeside)});
  server.gate = gate_.get();
  server.registry = registry_;
  server.info = {.title = "mcpgate", .instructions = kInstructions};
  server.cursor_key = DeriveSecret(storage().root_key(), "cursor");
  server.state_keys = {DeriveSecret(storage().root_key(), "state")};
  server.tasks = storage().tasks();
  absl::StatusOr<std::unique_ptr<Server>> made = Server::New(std::move(server));
  if (!made.ok()) return made.status();
  server_ = *std::move(made);
  return absl::OkStatus();
}

}  // namespace mcpgate::hosts
