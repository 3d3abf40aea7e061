#include "common/budget_text.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace mcpgate::hosts {
namespace {

BudgetRule Read(const std::string& text) {
  std::vector<BudgetRule> rules;
  const absl::Status status = SetBudget(rules, text);
  INFO(std::string(status.message()));
  REQUIRE(status.ok());
  return rules.front();
}

TEST_CASE("a budget is read with whose it is and when to tell") {
  const BudgetRule plain = Read("monthly=calls:10000/month");
  CHECK((plain.name == "monthly" && plain.unit == BudgetUnit::kCalls && plain.limit == 10000));
  CHECK((plain.period == BudgetPeriod::kMonth && plain.scope == BudgetScope::kKey && plain.who == "*"));
  CHECK(plain.alerts == std::vector<int>{80});
  const BudgetRule whole = Read("ops=cost:5/day per principal for acme/* alert 95 alert 50");
  CHECK((whole.unit == BudgetUnit::kCost && whole.period == BudgetPeriod::kDay));
  CHECK((whole.scope == BudgetScope::kPrincipal && whole.who == "acme/*"));
  CHECK(whole.alerts == std::vector<int>{50, 95});
}

TEST_CASE("a budget is written as it can be read") {
  for (const char* text :
       {"monthly=calls:10000/month per tenant", "ops=cost:5/day per principal for acme/* alert 50 alert 95",
        "all=calls:1/total per key"}) {
    CHECK(BudgetRuleText(Read(text)) == text);
  }
}

TEST_CASE("a budget of a name that is there replaces it") {
  std::vector<BudgetRule> rules = {Read("a=calls:1/day"), Read("b=calls:1/day")};
  REQUIRE(SetBudget(rules, "a=calls:2/hour").ok());
  CHECK(rules.size() == 2);
  CHECK(rules.back().limit == 2);
}

TEST_CASE("what is not a budget is refused and nothing changes") {
  for (const char* text :
       {"", "x", "x=", "x=calls", "x=calls:1", "x=calls:1/fortnight", "x=money:1/day", "x=calls:0/day",
        "=calls:1/day", "X=calls:1/day", "x=calls:1/day per", "x=calls:1/day per tool", "x=calls:1/day for",
        "x=calls:1/day alert", "x=calls:1/day alert 0", "x=calls:1/day alert 101",
        "x=calls:1/day alert 50 alert 50", "x=calls:1/day sometimes", "x=calls:9999999999999999/day"}) {
    CAPTURE(text);
    std::vector<BudgetRule> rules;
    CHECK(absl::IsInvalidArgument(SetBudget(rules, text)));
    CHECK(rules.empty());
  }
}

TEST_CASE("an alert says whose budget is how far spent") {
  const BudgetRule rule = Read("monthly=calls:10/month per tenant");
  const WallTime since{Nanos(1'793'491'200'000'000'000)};  // 2026-11-01
  CHECK(BudgetAlertText({.rule = &rule, .account = "acme", .percent = 80, .spent = 8, .since = since}) ==
        "budget 'monthly': tenant 'acme' has spent 80 percent, 8 of 10 calls, since 2026-11-01T00:00:00Z");
}

}  // namespace
}  // namespace mcpgate::hosts
