// Calendar periods in UTC.
#include <chrono>

#include "mcpgate/ledger.h"

namespace mcpgate {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::sys_days;
using std::chrono::year_month;
using std::chrono::year_month_day;

sys_days MondayOf(sys_days day) { return day - (std::chrono::weekday(day) - std::chrono::Monday); }

year_month MonthOf(sys_days day) {
  const year_month_day date(day);
  return date.year() / date.month();
}

}  // namespace

WallTime BudgetPeriodStart(BudgetPeriod period, WallTime now) {
  const sys_days today = std::chrono::floor<days>(now);
  switch (period) {
    case BudgetPeriod::kHour:
      return std::chrono::floor<hours>(now);
    case BudgetPeriod::kDay:
      return today;
    case BudgetPeriod::kWeek:
      return MondayOf(today);
    case BudgetPeriod::kMonth:
      return sys_days(MonthOf(today) / 1);
    case BudgetPeriod::kTotal:
      break;
  }
  return WallTime();
}

std::optional<WallTime> BudgetPeriodEnd(BudgetPeriod period, WallTime now) {
  const WallTime start = BudgetPeriodStart(period, now);
  switch (period) {
    case BudgetPeriod::kHour:
      return start + hours(1);
    case BudgetPeriod::kDay:
      return start + days(1);
    case BudgetPeriod::kWeek:
      return start + days(7);
    case BudgetPeriod::kMonth:
      return sys_days((MonthOf(std::chrono::floor<days>(start)) + std::chrono::months(1)) / 1);
    case BudgetPeriod::kTotal:
      break;
  }
  return std::nullopt;
}

}  // namespace mcpgate
