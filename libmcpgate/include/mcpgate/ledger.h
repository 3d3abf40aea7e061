// File: ledger.h
//
// Budgets that are kept: what each tenant or key may spend in an hour, a day, a week, a month or for
// good, in calls or in units of cost. All that apply to a call must pass.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/budget.h"
#include "mcpgate/clock.h"
#include "mcpgate/export.h"
#include "mcpgate/principal.h"

namespace mcpgate {

/// Whose account it is. A budget of teams or principals leaves keys alone that have none.
enum class BudgetScope : std::uint8_t { kTenant, kTeam, kPrincipal, kKey };
enum class BudgetUnit : std::uint8_t { kCalls, kCost };
/// Calendar periods in UTC; a week begins on Monday, kTotal never ends.
enum class BudgetPeriod : std::uint8_t { kHour, kDay, kWeek, kMonth, kTotal };

MCPGATE_EXPORT std::string_view BudgetScopeName(BudgetScope scope);  ///< "tenant", "team", "principal", "key"
MCPGATE_EXPORT std::string_view BudgetUnitName(BudgetUnit unit);     ///< "calls", "cost"
MCPGATE_EXPORT std::string_view BudgetPeriodName(BudgetPeriod period);  ///< "hour" ... "total"
MCPGATE_EXPORT std::optional<BudgetScope> ParseBudgetScope(std::string_view name);
MCPGATE_EXPORT std::optional<BudgetUnit> ParseBudgetUnit(std::string_view name);
MCPGATE_EXPORT std::optional<BudgetPeriod> ParseBudgetPeriod(std::string_view name);

/// The period that `now` lies in begins then. Spending is kept under it, so that a new period starts at
/// nothing without anybody's doing.
MCPGATE_EXPORT WallTime BudgetPeriodStart(BudgetPeriod period, WallTime now);
/// And ends then; nullopt for kTotal.
MCPGATE_EXPORT std::optional<WallTime> BudgetPeriodEnd(BudgetPeriod period, WallTime now);

struct BudgetRule {
  std::string name{};  ///< part of the account's identity; [a-z0-9_-], 1 to 40
  BudgetScope scope = BudgetScope::kKey;
  /// Which accounts: tenants, key families, or TENANT/ID of teams and principals; `*` stands for any run of
  /// characters.
  std::string who = "*";
  BudgetUnit unit = BudgetUnit::kCalls;
  std::int64_t limit = 0;  ///< 1 to 10^15
  BudgetPeriod period = BudgetPeriod::kMonth;
  /// Percent of the limit at which an alert is given, once a period; ascending, 1 to 100, at most 8.
  std::vector<int> alerts = {80};
  bool operator==(const BudgetRule&) const = default;
};
/// InvalidArgument names the field and what it may be.
MCPGATE_EXPORT absl::Status ValidateBudgetRule(const BudgetRule& rule);
/// The same of all, which have different names; at most 32.
MCPGATE_EXPORT absl::Status ValidateBudgetRules(const std::vector<BudgetRule>& rules);

/// A share of `percent` is spent, for the first time in the period. `rule` lives as long as the ledger.
struct BudgetAlert {
  const BudgetRule* rule = nullptr;
  std::string account{};  ///< the tenant, TENANT/ID of a team or principal, the key's family
  int percent = 0;
  std::int64_t spent = 0;
  WallTime since{};  ///< the period's start
};

/// How one account stands. `rule` lives as long as the ledger.
struct BudgetStanding {
  const BudgetRule* rule = nullptr;
  std::string account{};
  std::int64_t spent = 0;
  std::int64_t reserved = 0;  ///< by calls under way
  WallTime since{};
  std::optional<WallTime> until{};
};

/// Which accounts. What is empty does not choose.
struct AccountQuery {
  std::string tenant{};
  std::optional<BudgetScope> scope{};
  std::string after{};      ///< go on after what `AccountPage::next` said
  std::size_t limit = 100;  ///< at most 1,000
};
struct AccountPage {
  std::vector<BudgetStanding> accounts{};  ///< by rule and account
  std::string next{};                      ///< empty: that was all
};

struct LedgerOptions {
  std::vector<BudgetRule> rules{};
  /// A reservation that nobody settles (its process died) is given back after this. Longer than any call:
  /// what a call that lives longer has spent is booked when it is settled, even beyond the limit.
  Nanos reservation_life = std::chrono::minutes(15);
  /// Called once what was spent is kept, on any thread, with no lock held. May be empty.
  std::function<void(const BudgetAlert&)> on_alert{};
  const Clock* clock = &Clock::System();
};

/// Ledger
///
/// Spent and reserved together never exceed a limit. Changing a limit or a period keeps what the period has
/// seen. Safe for concurrent use.
class MCPGATE_EXPORT Ledger : public Budget {
 public:
  /// The accounts that a call of `principal` would be booked on.
  virtual absl::StatusOr<std::vector<BudgetStanding>> Standing(const Principal& principal) = 0;
  /// Accounts with something spent or reserved in the present period. InvalidArgument: `after` is of no rule
  /// of this ledger.
  virtual absl::StatusOr<AccountPage> Accounts(const AccountQuery& query) = 0;
};

/// In this process's memory, forgotten with it. InvalidArgument when a rule is malformed.
MCPGATE_EXPORT absl::StatusOr<std::unique_ptr<Ledger>> NewMemoryLedger(LedgerOptions options);

// ---- for whoever keeps a ledger elsewhere ----

/// What one call books on one account.
struct BudgetLine {
  const BudgetRule* rule = nullptr;
  std::string account{};
  std::string tenant{};  ///< whose account it is
  WallTime since{};
  std::int64_t units = 0;
};
/// Where a page of `query` begins: calls `read(rule, after, most)` for each rule that it chooses, which
/// answers a StatusOr of that many standings of the rule, in order of account, behind the account `after`;
/// until the page is full.
MCPGATE_EXPORT absl::StatusOr<AccountPage> ReadAccountPage(
    const std::vector<BudgetRule>& rules, const AccountQuery& query,
    const std::function<absl::StatusOr<std::vector<BudgetStanding>>(
        const BudgetRule& rule, std::string_view after, std::size_t most)>& read);
/// The lines of a call of `cost`, one for each rule that applies. They point into `rules`.
MCPGATE_EXPORT std::vector<BudgetLine> BudgetLinesOf(const std::vector<BudgetRule>& rules,
                                                     const Principal& principal, std::int64_t cost,
                                                     WallTime now);
/// What is booked on `line` once the call is known to have cost `spent`.
MCPGATE_EXPORT std::int64_t BudgetUnitsSpent(const BudgetLine& line, std::int64_t spent);
/// "tenant 'acme' has used 98 of 100 calls of its budget 'monthly' (2 more are reserved)".
MCPGATE_EXPORT std::string BudgetRefusal(const BudgetLine& line, std::int64_t spent, std::int64_t reserved);
/// The highest alert that `spent` has reached, beyond `told` percent; 0 when there is none.
MCPGATE_EXPORT int BudgetAlertDue(const BudgetRule& rule, std::int64_t spent, int told);

}  // namespace mcpgate
