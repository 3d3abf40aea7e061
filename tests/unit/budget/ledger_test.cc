#include "mcpgate/ledger.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "contract/ledger_contract.h"

namespace mcpgate {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::sys_days;
using std::chrono::year;

TEST_CASE("the ledger in memory keeps the contract of Ledger") {
  testing::LedgerContract(
      [](LedgerOptions options) {
        auto ledger = NewMemoryLedger(std::move(options));
        REQUIRE(ledger.ok());
        return std::shared_ptr<Ledger>(*std::move(ledger));
      },
      2000);
}

TEST_CASE("periods are the calendar's, in UTC") {
  struct Row {
    BudgetPeriod period;
    WallTime start, end;
  };
  const WallTime now = sys_days(year(2028) / 2 / 29) + hours(13) + minutes(5);  // a Tuesday
  for (const Row& row :
       std::vector<Row>{{BudgetPeriod::kHour, sys_days(year(2028) / 2 / 29) + hours(13),
                         sys_days(year(2028) / 2 / 29) + hours(14)},
                        {BudgetPeriod::kDay, sys_days(year(2028) / 2 / 29), sys_days(year(2028) / 3 / 1)},
                        {BudgetPeriod::kWeek, sys_days(year(2028) / 2 / 28), sys_days(year(2028) / 3 / 6)},
                        {BudgetPeriod::kMonth, sys_days(year(2028) / 2 / 1), sys_days(year(2028) / 3 / 1)}}) {
    CAPTURE(BudgetPeriodName(row.period));
    CHECK(BudgetPeriodStart(row.period, now) == row.start);
    CHECK(BudgetPeriodEnd(row.period, now) == row.end);
    CHECK(BudgetPeriodStart(row.period, row.start) == row.start);
    CHECK(BudgetPeriodStart(row.period, row.end) == row.end);
    CHECK(BudgetPeriodStart(row.period, row.end - Nanos(1)) == row.start);
  }
  CHECK(BudgetPeriodStart(BudgetPeriod::kTotal, now) == WallTime());
  CHECK_FALSE(BudgetPeriodEnd(BudgetPeriod::kTotal, now).has_value());
}

TEST_CASE("a week that a year ends in is one week") {
  const WallTime sunday = sys_days(year(2027) / 1 / 3);
  CHECK(BudgetPeriodStart(BudgetPeriod::kWeek, sunday) == sys_days(year(2026) / 12 / 28));
  CHECK(BudgetPeriodEnd(BudgetPeriod::kMonth, WallTime(sys_days(year(2026) / 12 / 31))) ==
        WallTime(sys_days(year(2027) / 1 / 1)));
}

TEST_CASE("a malformed budget is refused by the name of the field") {
  const auto with = [](auto change) {
    BudgetRule rule{.name = "b", .limit = 5};
    change(rule);
    return rule;
  };
  CHECK(ValidateBudgetRule(with([](BudgetRule&) {})).ok());
  struct Row {
    std::string_view field;
    BudgetRule rule;
  };
  for (const Row& row :
       std::vector<Row>{{"name", with([](BudgetRule& r) { r.name = "My Budget"; })},
                        {"scope", with([](BudgetRule& r) { r.scope = static_cast<BudgetScope>(9); })},
                        {"unit", with([](BudgetRule& r) { r.unit = static_cast<BudgetUnit>(9); })},
                        {"period", with([](BudgetRule& r) { r.period = static_cast<BudgetPeriod>(9); })},
                        {"limit", with([](BudgetRule& r) { r.limit = 0; })},
                        {"limit", with([](BudgetRule& r) { r.limit = 1'000'000'000'000'001; })},
                        {"who", with([](BudgetRule& r) { r.who = ""; })},
                        {"alerts", with([](BudgetRule& r) {
                           r.alerts = {80, 50};
                         })},
                        {"alerts", with([](BudgetRule& r) { r.alerts = {0}; })},
                        {"alerts", with([](BudgetRule& r) { r.alerts = {101}; })}}) {
    const absl::Status status = ValidateBudgetRule(row.rule);
    CAPTURE(row.field);
    CHECK(absl::IsInvalidArgument(status));
    CHECK(std::string(status.message()).find(": " + std::string(row.field) + " ") != std::string::npos);
  }
  const BudgetRule rule = with([](BudgetRule&) {});
  CHECK(absl::IsInvalidArgument(NewMemoryLedger({.rules = {rule, rule}}).status()));
}

TEST_CASE("each name is read as it is shown") {
  CHECK(ParseBudgetScope("tenant") == BudgetScope::kTenant);
  CHECK(ParseBudgetUnit(BudgetUnitName(BudgetUnit::kCost)) == BudgetUnit::kCost);
  for (int i = 0; BudgetPeriod(i) <= BudgetPeriod::kTotal; ++i)
    CHECK(ParseBudgetPeriod(BudgetPeriodName(BudgetPeriod(i))) == BudgetPeriod(i));
  CHECK_FALSE(ParseBudgetScope("team of two").has_value());
  CHECK_FALSE(ParseBudgetUnit("").has_value());
  CHECK_FALSE(ParseBudgetPeriod("year").has_value());
}

TEST_CASE("an alert is due from its share on, and not when it was told") {
  BudgetRule rule{.name = "b", .limit = 1'000'000'000'000'000};
  CHECK(BudgetAlertDue(rule, 800'000'000'000'000, 0) == 80);
  CHECK(BudgetAlertDue(rule, 799'999'999'999'999, 0) == 0);
  CHECK(BudgetAlertDue(rule, 1'000'000'000'000'000, 80) == 0);
}

}  // namespace
}  // namespace mcpgate
