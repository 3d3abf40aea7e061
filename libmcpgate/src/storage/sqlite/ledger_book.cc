#include "storage/sqlite/ledger_book.h"

#include <fmt/format.h>

#include <chrono>
#include <limits>
#include <utility>

#include "storage/sqlite/schema.h"

namespace mcpgate::sqlite {
namespace {

constexpr Nanos kKeptAfterPeriod = std::chrono::days(90);  // for whoever asks how last month went

std::int64_t NumberOf(WallTime time) { return time.time_since_epoch().count(); }

std::int64_t ForgetAt(const BudgetLine& line) {
  const std::optional<WallTime> end = BudgetPeriodEnd(line.rule->period, line.since);
  return end ? NumberOf(*end + kKeptAfterPeriod) : std::numeric_limits<std::int64_t>::max();
}

Statement& BindAccount(Statement& statement, const BudgetLine& line) {
  return statement.BindText(1, line.rule->name).BindText(2, line.account).Bind(3, NumberOf(line.since));
}

}  // namespace

absl::Status LedgerTable::Attach(Database& db) {
  const DatabaseSchema schema = {
      {"CREATE TABLE spent(rule TEXT NOT NULL, account TEXT NOT NULL, since INTEGER NOT NULL,"
       " units INTEGER NOT NULL, told INTEGER NOT NULL, forget_at INTEGER NOT NULL,"
       " PRIMARY KEY(rule, since, account)) STRICT, WITHOUT ROWID",
       "CREATE INDEX spent_by_age ON spent(forget_at)",
       "CREATE TABLE holds(rule TEXT NOT NULL, account TEXT NOT NULL, since INTEGER NOT NULL,"
       " id INTEGER NOT NULL, units INTEGER NOT NULL, over_at INTEGER NOT NULL,"
       " PRIMARY KEY(rule, since, account, id)) STRICT, WITHOUT ROWID",
       "CREATE INDEX holds_by_age ON holds(over_at)", "CREATE INDEX holds_by_id ON holds(id)"},
      {{"ALTER TABLE spent ADD COLUMN tenant TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE holds ADD COLUMN tenant TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX spent_by_tenant ON spent(rule, since, tenant, account)",
        "CREATE INDEX holds_by_tenant ON holds(rule, since, tenant, account)"}}};
  absl::Status status = EnsureSchema(db, schema).status();
  status.Update(
      PrepareInto(db, find_, "SELECT units, told FROM spent WHERE rule=?1 AND account=?2 AND since=?3"));
  status.Update(PrepareInto(db, reserved_,
                            "SELECT coalesce(sum(units),0) FROM holds"
                            " WHERE rule=?1 AND account=?2 AND since=?3 AND over_at>?4"));
  status.Update(PrepareInto(
      db, hold_,
      "INSERT INTO holds(rule, account, since, id, units, over_at, tenant) VALUES(?1, ?2, ?3, ?4, ?5, ?6, "
      "?7)"));
  status.Update(PrepareInto(db, release_, "DELETE FROM holds WHERE id=?1"));
  status.Update(PrepareInto(
      db, book_,
      "REPLACE INTO spent(rule, account, since, units, told, forget_at, tenant) VALUES(?1, ?2, ?3, ?4, ?5, "
      "?6, ?7)"));
  const auto list = [](std::string_view of_tenant) {
    return fmt::format(
        "SELECT account FROM spent WHERE rule=?1 AND since=?2 AND account>?5{0} UNION"
        " SELECT account FROM holds WHERE rule=?1 AND since=?2 AND over_at>?3 AND account>?5{0}"
        " ORDER BY account LIMIT ?4",
        of_tenant);
  };
  status.Update(PrepareInto(db, list_, list("")));
  status.Update(PrepareInto(db, list_of_tenant_, list(" AND tenant=?6")));
  status.Update(PrepareInto(db, sweep_holds_, "DELETE FROM holds WHERE over_at<=?1"));
  status.Update(PrepareInto(db, sweep_spent_, "DELETE FROM spent WHERE forget_at<=?1"));
  return status;
}

absl::Status LedgerTable::Sweep(std::int64_t now) {
  absl::Status status = sweep_holds_.Bind(1, now).Run();
  status.Update(sweep_spent_.Bind(1, now).Run());
  return status;
}

absl::StatusOr<LedgerTable::Account> LedgerTable::Find(const BudgetLine& line) {
  Account account{.name = line.account};
  {
    ResetAtEnd reset(find_);
    const absl::StatusOr<bool> row = BindAccount(find_, line).Step();
    if (!row.ok()) return row.status();
    if (*row) account.spent = find_.Integer(0).value_or(0), account.told = find_.Integer(1).value_or(0);
  }
  ResetAtEnd reset(reserved_);
  const absl::StatusOr<bool> row = BindAccount(reserved_, line).Bind(4, NumberOf(clock_.Now())).Step();
  if (!row.ok()) return row.status();
  account.reserved = reserved_.Integer(0).value_or(0);
  return account;
}

absl::StatusOr<BudgetDecision> LedgerTable::Reserve(const std::vector<BudgetLine>& lines, std::int64_t id,
                                                    Nanos life) {
  const std::int64_t now = NumberOf(clock_.Now());
  if (absl::Status status = Sweep(now); !status.ok()) return status;
  for (const BudgetLine& line : lines) {
    const absl::StatusOr<Account> account = Find(line);
    if (!account.ok()) return account.status();
    if (line.units > line.rule->limit - account->spent - account->reserved) {
      return BudgetDecision{.allowed = false,
                            .reason = BudgetRefusal(line, account->spent, account->reserved)};
    }
  }
  for (const BudgetLine& line : lines) {
    BindAccount(hold_, line).Bind(4, id).Bind(5, line.units).Bind(6, now + life.count());
    hold_.BindText(7, line.tenant);
    if (absl::Status status = hold_.Run(); !status.ok()) return status;
  }
  return BudgetDecision{.reservation = static_cast<std::uint64_t>(id)};
}

absl::Status LedgerTable::Settle(const std::vector<BudgetLine>& lines, std::int64_t id, std::int64_t spent,
                                 std::vector<BudgetAlert>& alerts) {
  if (absl::Status status = release_.Bind(1, id).Run(); !status.ok()) return status;
  for (const BudgetLine& line : lines) {
    if (absl::Status status = Book(line, spent, alerts); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status LedgerTable::Book(const BudgetLine& line, std::int64_t spent, std::vector<BudgetAlert>& alerts) {
  const std::int64_t units = BudgetUnitsSpent(line, spent);
  if (units == 0) return absl::OkStatus();
  absl::StatusOr<Account> account = Find(line);
  if (!account.ok()) return account.status();
  account->spent += units;
  const int due = BudgetAlertDue(*line.rule, account->spent, static_cast<int>(account->told));
  if (due > 0) {
    account->told = due;
    alerts.push_back({.rule = line.rule,
                      .account = line.account,
                      .percent = due,
                      .spent = account->spent,
                      .since = line.since});
  }
  return BindAccount(book_, line)
      .Bind(4, account->spent)
      .Bind(5, account->told)
      .Bind(6, ForgetAt(line))
      .BindText(7, line.tenant)
      .Run();
}

absl::StatusOr<std::vector<LedgerTable::Account>> LedgerTable::List(const BudgetRule& rule, WallTime since,
                                                                    std::string_view tenant,
                                                                    std::string_view after,
                                                                    std::size_t most) {
  std::vector<Account> accounts;
  {
    Statement& list = tenant.empty() ? list_ : list_of_tenant_;
    ResetAtEnd reset(list);
    list.BindText(1, rule.name).Bind(2, NumberOf(since)).Bind(3, NumberOf(clock_.Now()));
    list.Bind(4, static_cast<std::int64_t>(most)).BindText(5, after);
    if (!tenant.empty()) list.BindText(6, tenant);
    for (;;) {
      const absl::StatusOr<bool> row = list.Step();
      if (!row.ok()) return row.status();
      if (!*row) break;
      accounts.push_back({.name = std::string(list.Text(0).value_or(""))});
    }
  }
  for (Account& account : accounts) {
    absl::StatusOr<Account> found = Find({.rule = &rule, .account = account.name, .since = since});
    if (!found.ok()) return found.status();
    account = *std::move(found);
  }
  return accounts;
}

}  // namespace mcpgate::sqlite
