#include "cli/budget_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "common/table.h"
#include "common/time_text.h"

namespace mcpgate::hosts {
namespace {

std::string TextOf(WallTime time) {
  return TimeText(std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count());
}

std::int64_t LeftOf(const BudgetStanding& account) {
  return std::max<std::int64_t>(0, account.rule->limit - account.spent - account.reserved);
}

}  // namespace

Json BudgetsJson(const std::vector<BudgetStanding>& accounts) {
  Json json = Json::array();
  for (const BudgetStanding& account : accounts) {
    const BudgetRule& rule = *account.rule;
    json.push_back({{"budget", rule.name},
                    {"scope", std::string(BudgetScopeName(rule.scope))},
                    {"account", account.account},
                    {"unit", std::string(BudgetUnitName(rule.unit))},
                    {"period", std::string(BudgetPeriodName(rule.period))},
                    {"limit", rule.limit},
                    {"spent", account.spent},
                    {"reserved", account.reserved},
                    {"left", LeftOf(account)},
                    {"since", rule.period == BudgetPeriod::kTotal ? Json() : Json(TextOf(account.since))},
                    {"until", account.until ? Json(TextOf(*account.until)) : Json()}});
  }
  return json;
}

std::string BudgetTable(const std::vector<BudgetStanding>& accounts, bool colour) {
  Table table({"BUDGET", "SCOPE", "ACCOUNT", "SPENT", "RESERVED", "LIMIT", "LEFT", "UNTIL"});
  for (const BudgetStanding& account : accounts) {
    const BudgetRule& rule = *account.rule;
    const std::int64_t left = LeftOf(account);
    table.Add({rule.name, std::string(BudgetScopeName(rule.scope)), account.account,
               std::to_string(account.spent), std::to_string(account.reserved),
               fmt::format("{} {}", rule.limit, BudgetUnitName(rule.unit)),
               Cell(std::to_string(left), left == 0 ? Tone::kWarning : Tone::kPlain),
               account.until ? TextOf(*account.until) : "for good"});
  }
  return table.Render(colour);
}

}  // namespace mcpgate::hosts
