// File: cli/budget_view.h
//
// Accounts of budgets as they are shown.
#pragma once

#include <string>
#include <vector>

#include "mcpgate/json.h"
#include "mcpgate/ledger.h"

namespace mcpgate::hosts {

Json BudgetsJson(const std::vector<BudgetStanding>& accounts);
/// A row an account.
std::string BudgetTable(const std::vector<BudgetStanding>& accounts, bool colour);

}  // namespace mcpgate::hosts
