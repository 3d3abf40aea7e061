#include "cli/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "cli/budget_view.h"
#include "cli/help_text.h"
#include "cli/host_settings.h"
#include "cli/keys.h"
#include "common/budget_text.h"
#include "common/limit_text.h"
#include "common/table.h"
#include "common/time_text.h"
#include "mcpgate/gate.h"

namespace mcpgate::hosts {
namespace {

// Counted in each process's memory, which no other process can look into.
bool IsKeptInMemory(const LimitPolicy& policy) {
  return policy.algorithm == LimitAlgorithm::kConcurrency || policy.window < std::chrono::minutes(1);
}

bool IsOfTools(const LimitPolicy& policy) {
  return policy.scope == LimitScope::kTool || policy.scope == LimitScope::kKeyAndTool;
}

struct Line {
  const LimitPolicy* policy = nullptr;  ///< of the settings
  std::optional<LimitStanding> standing{};
};

struct Standings {
  std::unique_ptr<Gate> gate;  // the standings point into it
  std::vector<Line> limits;
  std::shared_ptr<Ledger> ledger;
  std::vector<BudgetStanding> budgets;
};

// Asks for each class that a limit is for; without a tool what counts by tools is left out.
absl::Status FillLimits(const HostSettings& settings, const Principal& principal, const std::string& tool,
                        Standings& found) {
  std::set<std::string> classes;
  for (const LimitPolicy& policy : settings.limits) {
    if (!tool.empty() || !IsOfTools(policy)) found.limits.push_back({.policy = &policy});
    classes.insert(policy.applies_to);
  }
  for (const std::string& each : classes) {
    const auto standings = found.gate->Standing(principal, tool, each);
    if (!standings.ok()) return standings.status();
    for (const LimitStanding& standing : *standings) {
      for (Line& line : found.limits) {
        if (line.policy->name == standing.policy->name) line.standing = standing;
      }
    }
  }
  return absl::OkStatus();
}

absl::Status Fill(Store& store, const HostSettings& settings, const Principal& principal,
                  const std::string& tool, Standings& found) {
  GateOptions options{.keyring = store.keyring,
                      .audit = store.storage->audit(),
                      .limiter = store.storage->limiter(),
                      .limits = settings.limits};
  std::erase_if(options.limits, IsKeptInMemory);
  absl::StatusOr<std::unique_ptr<Gate>> gate = Gate::New(std::move(options));
  if (!gate.ok()) return gate.status();
  found.gate = *std::move(gate);
  if (absl::Status status = FillLimits(settings, principal, tool, found); !status.ok()) return status;
  if (settings.budgets.empty()) return absl::OkStatus();
  absl::StatusOr<std::shared_ptr<Ledger>> ledger = store.storage->ledger({.rules = settings.budgets});
  if (!ledger.ok()) return ledger.status();
  found.ledger = *std::move(ledger);
  absl::StatusOr<std::vector<BudgetStanding>> budgets = found.ledger->Standing(principal);
  if (budgets.ok()) found.budgets = *std::move(budgets);
  return budgets.status();
}

Json LineJson(const Line& line) {
  Json json = {{"name", line.policy->name}, {"rules", LimitRules(*line.policy)}};
  const LimitPolicy& rules = line.standing ? *line.standing->policy : *line.policy;
  json["limit"] = rules.limit;
  json["window_ms"] = std::chrono::ceil<std::chrono::milliseconds>(rules.window).count();
  json["left"] = line.standing ? Json(line.standing->remaining) : Json();
  json["full_again_ms"] =
      line.standing ? Json(std::chrono::ceil<std::chrono::milliseconds>(line.standing->full_again).count())
                    : Json();
  return json;
}

void TellStandings(const Console& console, const KeyRecord& key, const Standings& found) {
  if (console.json()) {
    Json limits = Json::array();
    for (const Line& line : found.limits) limits.push_back(LineJson(line));
    return console.Document(
        {{"key", key.id}, {"limits", std::move(limits)}, {"budgets", BudgetsJson(found.budgets)}});
  }
  Table table({"LIMIT", "RULE", "LEFT", "ALL AGAIN IN"});
  for (const Line& line : found.limits) {
    const LimitPolicy& rules = line.standing ? *line.standing->policy : *line.policy;
    const bool used_up = line.standing && line.standing->remaining == 0;
    const bool is_full = line.standing && line.standing->full_again <= Nanos(0);
    table.Add({line.policy->name, LimitText(rules) + (rules.shadow ? ", shadow" : ""),
               Cell(line.standing ? std::to_string(line.standing->remaining) : "in each process",
                    used_up ? Tone::kWarning : Tone::kPlain),
               !line.standing || is_full ? "" : DurationText(line.standing->full_again)});
  }
  console.Text(table.Render(console.colour()));
  if (!found.budgets.empty()) console.Text("\n" + BudgetTable(found.budgets, console.colour()));
}

void TellSettings(const Console& console, const HostSettings& settings) {
  Json limits = Json::array(), budgets = Json::array();
  std::string text;
  for (const LimitPolicy& policy : settings.limits) {
    limits.push_back({{"name", policy.name}, {"rules", LimitRules(policy)}});
    for (const std::string& rule : LimitRules(policy)) text += fmt::format("--limit '{}'\n", rule);
  }
  for (const BudgetRule& rule : settings.budgets) {
    budgets.push_back({{"name", rule.name}, {"rule", BudgetRuleText(rule)}});
    text += fmt::format("--budget '{}'\n", BudgetRuleText(rule));
  }
  if (console.json())
    return console.Document({{"limits", std::move(limits)}, {"budgets", std::move(budgets)}});
  console.Text(text.empty() ? "nothing is limited\n" : text);
}

}  // namespace

int ShowLimits(const Console& console, const LimitsOptions& options) {
  const absl::StatusOr<HostSettings> settings = ReadHostSettings(options.config);
  if (!settings.ok()) return console.Fail(settings.status(), "mcpgate-http --check says the same");
  if (options.key.empty()) {
    TellSettings(console, *settings);
    return kDone;
  }
  absl::StatusOr<Store> store = OpenKeys(options.data);
  if (!store.ok()) return console.Fail(store.status());
  const absl::StatusOr<KeyInfo> key =
      store->keyring->admin().Show(TenantScope::Operator(), KeyIdOf(options.key));
  if (!key.ok()) return FailToFindKey(console, key.status());
  const absl::StatusOr<KeyVerdict> verdict = store->keyring->Assess(key->record.id);
  if (!verdict.ok()) return console.Fail(verdict.status());
  if (verdict->principal == nullptr)
    return console.Fail(fmt::format("the key is refused: {}", KeyRefusalName(verdict->refusal)));
  Standings found;
  if (absl::Status status = Fill(*store, *settings, *verdict->principal, options.tool, found); !status.ok()) {
    return console.Fail(status);
  }
  TellStandings(console, key->record, found);
  return kDone;
}

int ShowUsage(const Console& console, const UsageOptions& options) {
  constexpr std::size_t kMost = 10'000, kPage = 500;
  const absl::StatusOr<HostSettings> settings = ReadHostSettings(options.config);
  if (!settings.ok()) return console.Fail(settings.status(), "mcpgate-http --check says the same");
  if (settings->budgets.empty()) {
    return console.Fail("there are no budgets",
                        "Hosts take them as --budget or MCPGATE_BUDGETS; see mcpgate-http --help");
  }
  absl::StatusOr<Store> store = OpenKeys(options.data);
  if (!store.ok()) return console.Fail(store.status());
  const absl::StatusOr<std::shared_ptr<Ledger>> ledger = store->storage->ledger({.rules = settings->budgets});
  if (!ledger.ok()) return console.Fail(ledger.status());
  std::vector<BudgetStanding> accounts;
  AccountQuery query{.tenant = options.tenant, .limit = kPage};
  do {
    absl::StatusOr<AccountPage> page = (*ledger)->Accounts(query);
    if (!page.ok()) return console.Fail(page.status());
    accounts.insert(accounts.end(), page->accounts.begin(), page->accounts.end());
    query.after = std::move(page->next);
  } while (!query.after.empty() && accounts.size() < kMost);
  if (console.json()) {
    console.Document({{"usage", BudgetsJson(accounts)}});
  } else {
    console.Text(accounts.empty() ? "nothing was spent in the present periods\n"
                                  : BudgetTable(accounts, console.colour()));
  }
  if (!query.after.empty()) console.Note("there are more accounts; --tenant shows those of one tenant");
  return kDone;
}

void DeclareLimits(CLI::App& root, Choice& choice) {
  constexpr char kConfig[] = "The configuration file of mcpgate-http; without it the environment";
  CLI::App* limits = Subcommand(root, "limits", kAboutLimits, kMoreLimits);
  LimitsOptions& options = Command<LimitsOptions>(limits, choice, ShowLimits);
  limits->add_option("key", options.key, "What this key has left; without it the rules alone")
      ->type_name("ID");
  limits->add_option("--tool", options.tool, "With what counts by tools, for this one")->type_name("NAME");
  limits->add_option("--config", options.config, kConfig)->type_name("FILE");
  CLI::App* usage = Subcommand(root, "usage", kAboutUsage, kMoreUsage);
  UsageOptions& spent = Command<UsageOptions>(usage, choice, ShowUsage);
  usage->add_option("--tenant", spent.tenant, "Accounts of this tenant alone")->type_name("TENANT");
  usage->add_option("--config", spent.config, kConfig)->type_name("FILE");
}

}  // namespace mcpgate::hosts
