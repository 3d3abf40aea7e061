#include "common/notice_text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "common/budget_text.h"
#include "common/time_text.h"

namespace mcpgate::hosts {
namespace {

std::string DayText(WallTime time) {
  return fmt::format("{:%Y-%m-%d}", std::chrono::floor<std::chrono::days>(time));
}

std::string TextOf(WallTime time) {
  return TimeText(std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count());
}

// The first of them and how many more.
std::string SomeOf(const std::vector<std::string>& ids) {
  constexpr std::size_t kMost = 16;
  const std::size_t shown = std::min(ids.size(), kMost);
  std::string text =
      fmt::format("{}", fmt::join(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
  if (shown < ids.size()) text += fmt::format(" and {} more", ids.size() - shown);
  return text;
}

}  // namespace

Notice NoticeOf(const BudgetAlert& alert) {
  const std::string percent = std::to_string(alert.percent), since = TextOf(alert.since);
  return {.kind = "budget.alert",
          .once = fmt::format("{} {} {} {}", alert.rule->name, alert.account, since, percent),
          .tenant = alert.rule->scope == BudgetScope::kTenant ? alert.account : "",
          .summary = BudgetAlertText(alert),
          .fields = {{"budget", alert.rule->name},
                     {"account", alert.account},
                     {"percent", percent},
                     {"spent", std::to_string(alert.spent)},
                     {"limit", std::to_string(alert.rule->limit)}}};
}

Notice NoticeOf(const LimitEvent& event, WallTime now) {
  const std::string policy(event.policy->name), key(event.key_id), action(event.action);
  // One that counts a key's tools apart is told of once for all of them.
  const std::string_view whose =
      event.policy->scope == LimitScope::kKeyAndTool ? event.key_id : event.partition;
  return {.kind = "limit.near",
          .once = fmt::format("{} {} {}", policy, whose, DayText(now)),
          .tenant = std::string(event.tenant),
          .summary = fmt::format("limit '{}' is used to four fifths, last by key {}, calling {}", policy, key,
                                 action),
          .fields = {{"limit", policy}, {"key", key}, {"action", action}}};
}

Notice NoticeOf(const ReplacedKeys& replaced) {
  const std::string families = SomeOf(replaced.families);
  return {.kind = "key.replaced",
          .tenant = std::string(replaced.tenant),
          .summary = fmt::format("principal {} has a new key, {}; revoked for it: {}", replaced.principal,
                                 replaced.by, families),
          .fields = {{"principal", std::string(replaced.principal)},
                     {"key", std::string(replaced.by)},
                     {"replaced", families}}};
}

Notice NoticeOfEnd(const KeyRecord& key) {
  const std::string ends = TimeText(key.expires_at);
  const std::string whose = key.principal.empty() ? "" : fmt::format(" of {}", key.principal);
  return {.kind = "key.expiring",
          .once = fmt::format("{} {}", key.family, key.expires_at),
          .tenant = key.tenant,
          .summary = fmt::format("key {}{} in tenant {} ends at {}", key.id, whose, key.tenant, ends),
          .fields = {{"key", key.id}, {"name", key.name}, {"principal", key.principal}, {"ends", ends}}};
}

Notice NoticeOfEnds(std::size_t more, WallTime now) {
  return {.kind = "keys.expiring",
          .once = DayText(now),
          .summary = fmt::format(
              "{} more keys end within a week; mcpgate keys expiring --within 7d lists them", more),
          .fields = {{"more", std::to_string(more)}}};
}

}  // namespace mcpgate::hosts
