// File: cli/host_settings.h
//
// The limits and budgets that hosts are configured with.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "mcpgate/ledger.h"
#include "mcpgate/rate_limiter.h"

namespace mcpgate::hosts {

struct HostSettings {
  std::vector<LimitPolicy> limits;  ///< without those of addresses
  std::vector<BudgetRule> budgets;
};

/// Lets mcpgate-http read them: `config` (may be empty) and the environment, which mcpgate-stdio reads too.
/// FailedPrecondition says what is wrong with them; NotFound: mcpgate-http is not installed.
absl::StatusOr<HostSettings> ReadHostSettings(const std::string& config);

}  // namespace mcpgate::hosts
