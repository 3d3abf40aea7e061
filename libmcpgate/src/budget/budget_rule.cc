#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "mcpgate/ledger.h"
#include "mcpgate/pattern.h"

namespace mcpgate {
namespace {

constexpr std::int64_t kMaxLimit = 1'000'000'000'000'000;
constexpr std::size_t kMaxAlerts = 8, kMaxRules = 32;

// Each in the order of its enumeration.
constexpr std::array<std::string_view, 4> kScopes = {"tenant", "team", "principal", "key"};
constexpr std::array<std::string_view, 2> kUnits = {"calls", "cost"};
constexpr std::array<std::string_view, 5> kPeriods = {"hour", "day", "week", "month", "total"};

template <typename Enum, std::size_t n>
std::string_view NameIn(const std::array<std::string_view, n>& names, Enum value) {
  const auto index = static_cast<std::size_t>(value);
  return index < n ? names[index] : std::string_view();
}

template <typename Enum, std::size_t n>
std::optional<Enum> FindIn(const std::array<std::string_view, n>& names, std::string_view name) {
  const auto* const found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

absl::Status Wrong(const BudgetRule& rule, std::string_view field, std::string_view must) {
  return absl::InvalidArgumentError(fmt::format("budget '{}': {} {}", rule.name, field, must));
}

bool AreAlerts(const std::vector<int>& alerts) {
  for (std::size_t i = 0; i < alerts.size(); ++i) {
    if (alerts[i] < 1 || alerts[i] > 100 || (i > 0 && alerts[i] <= alerts[i - 1])) return false;
  }
  return alerts.size() <= kMaxAlerts;
}

// Ids of teams and principals are their tenant's own.
std::optional<std::string> WithinTenant(const Principal& principal, const std::string& id) {
  if (id.empty()) return std::nullopt;
  return fmt::format("{}/{}", principal.tenant, id);
}

std::optional<std::string> AccountOf(BudgetScope scope, const Principal& principal) {
  switch (scope) {
    case BudgetScope::kTenant:
      return principal.tenant;
    case BudgetScope::kTeam:
      return WithinTenant(principal, principal.team);
    case BudgetScope::kPrincipal:
      return WithinTenant(principal, principal.principal);
    case BudgetScope::kKey:
      break;
  }
  return principal.family;
}

}  // namespace

std::string_view BudgetScopeName(BudgetScope scope) { return NameIn(kScopes, scope); }
std::string_view BudgetUnitName(BudgetUnit unit) { return NameIn(kUnits, unit); }
std::string_view BudgetPeriodName(BudgetPeriod period) { return NameIn(kPeriods, period); }
std::optional<BudgetScope> ParseBudgetScope(std::string_view name) {
  return FindIn<BudgetScope>(kScopes, name);
}
std::optional<BudgetUnit> ParseBudgetUnit(std::string_view name) { return FindIn<BudgetUnit>(kUnits, name); }
std::optional<BudgetPeriod> ParseBudgetPeriod(std::string_view name) {
  return FindIn<BudgetPeriod>(kPeriods, name);
}

absl::Status ValidateBudgetRule(const BudgetRule& rule) {
  if (rule.name.empty() || rule.name.size() > 40 ||
      !std::all_of(rule.name.begin(), rule.name.end(), IsNameCharacter)) {
    return absl::InvalidArgumentError(
        "budget: name must be 1 to 40 lower-case letters, digits, '_' or '-', such as 'monthly'");
  }
  if (BudgetScopeName(rule.scope).empty())
    return Wrong(rule, "scope", "must be tenant, team, principal or key");
  if (BudgetUnitName(rule.unit).empty()) return Wrong(rule, "unit", "must be calls or cost");
  if (BudgetPeriodName(rule.period).empty()) {
    return Wrong(rule, "period", "must be hour, day, week, month or total");
  }
  if (rule.limit < 1 || rule.limit > kMaxLimit) {
    return Wrong(rule, "limit", fmt::format("must be 1 to {}, not {}", kMaxLimit, rule.limit));
  }
  if (rule.who.empty()) return Wrong(rule, "who", "must be a pattern; * is everybody");
  if (!AreAlerts(rule.alerts)) {
    return Wrong(rule, "alerts", fmt::format("must be up to {} ascending percents, 1 to 100", kMaxAlerts));
  }
  return absl::OkStatus();
}

absl::Status ValidateBudgetRules(const std::vector<BudgetRule>& rules) {
  if (rules.size() > kMaxRules) {
    return absl::InvalidArgumentError(fmt::format("{} budgets; there may be {}", rules.size(), kMaxRules));
  }
  std::set<std::string_view> names;
  for (const BudgetRule& rule : rules) {
    if (absl::Status bad = ValidateBudgetRule(rule); !bad.ok()) return bad;
    if (!names.insert(rule.name).second) return Wrong(rule, "name", "is another budget's too");
  }
  return absl::OkStatus();
}

std::vector<BudgetLine> BudgetLinesOf(const std::vector<BudgetRule>& rules, const Principal& principal,
                                      std::int64_t cost, WallTime now) {
  std::vector<BudgetLine> lines;
  for (const BudgetRule& rule : rules) {
    std::optional<std::string> account = AccountOf(rule.scope, principal);
    if (!account || !MatchesPattern(rule.who, *account)) continue;
    lines.push_back({.rule = &rule,
                     .account = *std::move(account),
                     .tenant = principal.tenant,
                     .since = BudgetPeriodStart(rule.period, now),
                     .units = rule.unit == BudgetUnit::kCalls ? 1 : std::max<std::int64_t>(cost, 0)});
  }
  return lines;
}

// A place is RULE/ACCOUNT; names of rules have no slash.
absl::StatusOr<AccountPage> ReadAccountPage(
    const std::vector<BudgetRule>& rules, const AccountQuery& query,
    const std::function<absl::StatusOr<std::vector<BudgetStanding>>(
        const BudgetRule& rule, std::string_view after, std::size_t most)>& read) {
  constexpr std::size_t kMostAccounts = 1000;
  const std::size_t limit = std::min(query.limit, kMostAccounts);
  auto rule = rules.begin();
  std::string_view after;
  if (!query.after.empty()) {
    const std::size_t slash = std::min(query.after.find('/'), query.after.size());
    const std::string_view name = std::string_view(query.after).substr(0, slash);
    rule =
        std::find_if(rules.begin(), rules.end(), [&](const BudgetRule& each) { return each.name == name; });
    if (rule == rules.end() || slash == query.after.size())
      return absl::InvalidArgumentError("after: of no budget that is kept here");
    after = std::string_view(query.after).substr(slash + 1);
  }
  AccountPage page;
  for (; rule != rules.end(); ++rule, after = {}) {
    if (query.scope && rule->scope != *query.scope) continue;
    const std::size_t room = limit - page.accounts.size();
    absl::StatusOr<std::vector<BudgetStanding>> some = read(*rule, after, room + 1);
    if (!some.ok()) return some.status();
    const bool is_full = some->size() > room;
    if (is_full) some->resize(room);
    for (BudgetStanding& account : *some) page.accounts.push_back(std::move(account));
    if (!is_full) continue;
    const bool has_none = page.accounts.empty();
    page.next = has_none
                    ? query.after
                    : fmt::format("{}/{}", page.accounts.back().rule->name, page.accounts.back().account);
    break;
  }
  return page;
}

std::int64_t BudgetUnitsSpent(const BudgetLine& line, std::int64_t spent) {
  if (line.rule->unit == BudgetUnit::kCalls) return spent > 0 ? 1 : 0;
  return std::clamp<std::int64_t>(spent, 0, kMaxLimit);
}

std::string BudgetRefusal(const BudgetLine& line, std::int64_t spent, std::int64_t reserved) {
  const BudgetRule& rule = *line.rule;
  const std::string more = reserved > 0 ? fmt::format(" ({} more are reserved)", reserved) : "";
  const std::string period =
      rule.period == BudgetPeriod::kTotal ? "" : fmt::format(" for this {}", BudgetPeriodName(rule.period));
  return fmt::format("{} '{}' has used {} of {} {} of its budget '{}'{}{}", BudgetScopeName(rule.scope),
                     line.account, spent, rule.limit, BudgetUnitName(rule.unit), rule.name, period, more);
}

int BudgetAlertDue(const BudgetRule& rule, std::int64_t spent, int told) {
  int due = 0;
  for (const int percent : rule.alerts) {
    // limit * percent fits: 10^15 * 100.
    if (percent > told && spent * 100 >= rule.limit * percent) due = percent;
  }
  return due;
}

}  // namespace mcpgate
