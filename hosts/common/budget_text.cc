#include "common/budget_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "common/rule_words.h"
#include "common/time_text.h"

namespace mcpgate::hosts {
namespace {

absl::Status Malformed(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(fmt::format(
      "'{}' is not a budget; write NAME=UNIT:N/PERIOD[ per SCOPE][ for WHO][ alert PERCENT], as in "
      "'monthly=calls:10000/month per tenant' ({})",
      text.substr(0, 80), why));
}

// "calls:10000/month". Empty when it is well.
std::string_view ReadAmount(std::string_view text, BudgetRule& rule) {
  const std::optional<BudgetUnit> unit = ParseBudgetUnit(TakeUntil(text, ':'));
  if (!unit) return "the unit is calls or cost";
  const std::optional<std::int64_t> limit = PositiveNumber(TakeUntil(text, '/'));
  if (!limit) return "after the unit stands a whole number above zero";
  const std::optional<BudgetPeriod> period = ParseBudgetPeriod(text);
  if (!period) return "the period is hour, day, week, month or total";
  rule.unit = *unit;
  rule.limit = *limit;
  rule.period = *period;
  return {};
}

std::string_view ReadWord(std::string_view word, std::string_view value, BudgetRule& rule) {
  if (word == "per") {
    const std::optional<BudgetScope> scope = ParseBudgetScope(value);
    if (!scope) return "after `per` stands tenant, team, principal or key";
    rule.scope = *scope;
  } else if (word == "for" && !value.empty()) {
    rule.who = value;
  } else if (word == "alert") {
    const std::optional<std::int64_t> percent = PositiveNumber(value);
    if (!percent || *percent > 100) return "after `alert` stands a percent, 1 to 100";
    rule.alerts.push_back(static_cast<int>(*percent));
  } else {
    return "after the amount may stand `per SCOPE`, `for WHO` and `alert PERCENT`";
  }
  return {};
}

std::string_view ReadWords(std::string_view words, BudgetRule& rule) {
  rule.alerts.clear();
  while (!words.empty()) {
    const std::string_view word = TakeUntil(words, ' ');
    if (const std::string_view problem = ReadWord(word, TakeUntil(words, ' '), rule); !problem.empty()) {
      return problem;
    }
  }
  if (rule.alerts.empty()) rule.alerts = BudgetRule().alerts;
  std::sort(rule.alerts.begin(), rule.alerts.end());
  return {};
}

}  // namespace

absl::Status SetBudget(std::vector<BudgetRule>& rules, std::string_view text) {
  std::string_view words = text;
  BudgetRule rule{.name = std::string(TakeUntil(words, '='))};
  std::string_view problem = ReadAmount(TakeUntil(words, ' '), rule);
  if (problem.empty()) problem = ReadWords(words, rule);
  if (!problem.empty()) return Malformed(text, problem);
  std::vector<BudgetRule> changed = rules;
  std::erase_if(changed, [&rule](const BudgetRule& other) { return other.name == rule.name; });
  changed.push_back(std::move(rule));
  if (absl::Status status = ValidateBudgetRules(changed); !status.ok()) return status;
  rules = std::move(changed);
  return absl::OkStatus();
}

std::string BudgetRuleText(const BudgetRule& rule) {
  std::string text = fmt::format("{}={}:{}/{} per {}", rule.name, BudgetUnitName(rule.unit), rule.limit,
                                 BudgetPeriodName(rule.period), BudgetScopeName(rule.scope));
  if (rule.who != "*") text += fmt::format(" for {}", rule.who);
  if (rule.alerts != BudgetRule().alerts) {
    for (const int percent : rule.alerts) text += fmt::format(" alert {}", percent);
  }
  return text;
}

std::string BudgetAlertText(const BudgetAlert& alert) {
  const BudgetRule& rule = *alert.rule;
  const auto since = std::chrono::floor<std::chrono::milliseconds>(alert.since.time_since_epoch()).count();
  return fmt::format("budget '{}': {} '{}' has spent {} percent, {} of {} {}{}", rule.name,
                     BudgetScopeName(rule.scope), alert.account, alert.percent, alert.spent, rule.limit,
                     BudgetUnitName(rule.unit),
                     rule.period == BudgetPeriod::kTotal ? "" : fmt::format(", since {}", TimeText(since)));
}

}  // namespace mcpgate::hosts
