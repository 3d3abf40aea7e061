// File: common/budget_text.h
//
// Budgets as an operator writes them, and what is said of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "mcpgate/ledger.h"

namespace mcpgate::hosts {

/// `NAME=UNIT:N/PERIOD[ per SCOPE][ for WHO][ alert PERCENT ...]`: UNIT calls or cost; PERIOD hour, day,
/// week, month or total; SCOPE tenant, team, principal or key, key unless said otherwise; WHO a pattern of
/// accounts; told at 80 percent unless said otherwise. A name that is there already is replaced.
/// InvalidArgument, and nothing changes, for what is not one.
absl::Status SetBudget(std::vector<BudgetRule>& rules, std::string_view text);

/// As it would be written.
std::string BudgetRuleText(const BudgetRule& rule);
/// "budget 'monthly': tenant 'acme' has spent 80 percent, 8000 of 10000 calls, since 2026-11-01T00:00:00Z".
std::string BudgetAlertText(const BudgetAlert& alert);

}  // namespace mcpgate::hosts
