#include <map>
#include <utility>

#include "base/mutex.h"
#include "mcpgate/ledger.h"

namespace mcpgate {
namespace {

constexpr std::size_t kMaxAccounts = 1u << 20;

struct Account {
  std::string tenant{};
  WallTime since{};
  std::int64_t spent = 0, reserved = 0;
  int told = 0;  // percent
};

using Name = std::pair<std::string, std::string>;  // rule, account

// Safe for concurrent use.
class MemoryLedger final : public Ledger {
 public:
  explicit MemoryLedger(LedgerOptions options) : options_(std::move(options)) {}

  absl::StatusOr<BudgetDecision> Reserve(const Principal& principal, std::string_view,
                                         std::int64_t cost) override {
    std::vector<BudgetLine> lines = BudgetLinesOf(options_.rules, principal, cost, options_.clock->Now());
    if (lines.empty()) return BudgetDecision{};
    MutexLock lock(mutex_);
    ReturnLost();
    if (accounts_.size() + lines.size() > kMaxAccounts && !ForgetOver(lines.size())) {
      return absl::ResourceExhaustedError("too many accounts have a budget in this process");
    }
    for (const BudgetLine& line : lines) {
      const Account& account = AccountOf(line);
      if (line.units > line.rule->limit - account.spent - account.reserved)
        return BudgetDecision{.allowed = false,
                              .reason = BudgetRefusal(line, account.spent, account.reserved)};
    }
    for (const BudgetLine& line : lines) AccountOf(line).reserved += line.units;
    const std::uint64_t id = ++last_id_;
    open_.emplace(
        id, Open{.lines = std::move(lines), .lost_at = options_.clock->Steady() + options_.reservation_life});
    return BudgetDecision{.reservation = id};
  }

  void Settle(std::uint64_t reservation, std::int64_t spent) override {
    std::vector<BudgetAlert> alerts;
    {
      MutexLock lock(mutex_);
      const auto open = open_.find(reservation);
      if (open == open_.end()) return;
      for (const BudgetLine& line : open->second.lines) Book(line, open->second.lost, spent, alerts);
      open_.erase(open);
    }
    if (!options_.on_alert) return;
    for (const BudgetAlert& alert : alerts) options_.on_alert(alert);
  }

  absl::StatusOr<std::vector<BudgetStanding>> Standing(const Principal& principal) override {
    const WallTime now = options_.clock->Now();
    std::vector<BudgetStanding> standings;
    MutexLock lock(mutex_);
    ReturnLost();
    for (const BudgetLine& line : BudgetLinesOf(options_.rules, principal, 0, now)) {
      const auto account = accounts_.find(Name(line.rule->name, line.account));
      const bool present = account != accounts_.end() && account->second.since == line.since;
      standings.push_back(StandingOf(*line.rule, line.account, present ? account->second : Account(), now));
    }
    return standings;
  }

  absl::StatusOr<AccountPage> Accounts(const AccountQuery& query) override {
    const WallTime now = options_.clock->Now();
    MutexLock lock(mutex_);
    ReturnLost();
    const auto read = [&](const BudgetRule& rule, std::string_view after, std::size_t most)
                          MCPGATE_REQUIRES(mutex_) -> absl::StatusOr<std::vector<BudgetStanding>> {
      std::vector<BudgetStanding> standings;
      const WallTime since = BudgetPeriodStart(rule.period, now);
      for (auto it = accounts_.upper_bound(Name(rule.name, after));
           it != accounts_.end() && it->first.first == rule.name && standings.size() < most; ++it) {
        const bool is_chosen = query.tenant.empty() || query.tenant == it->second.tenant;
        if (is_chosen && it->second.since == since)
          standings.push_back(StandingOf(rule, it->first.second, it->second, now));
      }
      return standings;
    };
    return ReadAccountPage(options_.rules, query, read);
  }

 private:
  struct Open {
    std::vector<BudgetLine> lines;
    Nanos lost_at{0};   // steady time
    bool lost = false;  // its reservation was given back
  };

  static BudgetStanding StandingOf(const BudgetRule& rule, std::string_view name, const Account& account,
                                   WallTime now) {
    return {.rule = &rule,
            .account = std::string(name),
            .spent = account.spent,
            .reserved = account.reserved,
            .since = BudgetPeriodStart(rule.period, now),
            .until = BudgetPeriodEnd(rule.period, now)};
  }

  // The account as of the line's period: another period begins with nothing.
  Account& AccountOf(const BudgetLine& line) MCPGATE_REQUIRES(mutex_) {
    Account& account = accounts_[Name(line.rule->name, line.account)];
    if (account.since != line.since) account = {.since = line.since};
    account.tenant = line.tenant;
    return account;
  }

  // A call that began in an earlier period is that period's, of which nothing is kept here.
  void Book(const BudgetLine& line, bool lost, std::int64_t spent, std::vector<BudgetAlert>& alerts)
      MCPGATE_REQUIRES(mutex_) {
    const auto found = accounts_.find(Name(line.rule->name, line.account));
    if (found == accounts_.end() || found->second.since != line.since) return;
    Account& account = found->second;
    if (!lost) account.reserved -= line.units;
    account.spent += BudgetUnitsSpent(line, spent);
    const int due = BudgetAlertDue(*line.rule, account.spent, account.told);
    if (due == 0) return;
    account.told = due;
    alerts.push_back({.rule = line.rule,
                      .account = line.account,
                      .percent = due,
                      .spent = account.spent,
                      .since = account.since});
  }

  // Gives back what was reserved too long ago. What is settled later is still booked as spent.
  void ReturnLost() MCPGATE_REQUIRES(mutex_) {
    const Nanos now = options_.clock->Steady();
    auto open = open_.lower_bound(first_to_lose_);
    for (; open != open_.end() && open->second.lost_at <= now; ++open) {
      open->second.lost = true;
      first_to_lose_ = open->first + 1;
      for (const BudgetLine& line : open->second.lines) {
        const auto found = accounts_.find(Name(line.rule->name, line.account));
        if (found != accounts_.end() && found->second.since == line.since)
          found->second.reserved -= line.units;
      }
    }
  }

  // Room for `wanted` accounts, from those whose period is over.
  bool ForgetOver(std::size_t wanted) MCPGATE_REQUIRES(mutex_) {
    const WallTime now = options_.clock->Now();
    std::map<std::string_view, WallTime> present;
    for (const BudgetRule& rule : options_.rules) present[rule.name] = BudgetPeriodStart(rule.period, now);
    std::erase_if(accounts_,
                  [&](const auto& entry) { return entry.second.since != present[entry.first.first]; });
    return accounts_.size() + wanted <= kMaxAccounts;
  }

  const LedgerOptions options_;
  Mutex mutex_;
  std::map<Name, Account> accounts_ MCPGATE_GUARDED_BY(mutex_);
  std::map<std::uint64_t, Open> open_ MCPGATE_GUARDED_BY(mutex_);  // by age
  std::uint64_t first_to_lose_ MCPGATE_GUARDED_BY(mutex_) = 0;
  std::uint64_t last_id_ MCPGATE_GUARDED_BY(mutex_) = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Ledger>> NewMemoryLedger(LedgerOptions options) {
  if (options.clock == nullptr) return absl::InvalidArgumentError("LedgerOptions::clock: missing");
  if (absl::Status bad = ValidateBudgetRules(options.rules); !bad.ok()) return bad;
  return std::make_unique<MemoryLedger>(std::move(options));
}

}  // namespace mcpgate
