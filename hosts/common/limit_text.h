// File: common/limit_text.h
//
// The limits a host applies, and how an operator changes them on the command line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/rate_limiter.h"

namespace mcpgate::hosts {

/// What hosts ship with: `posting`, five posts an hour for each key, forgotten when the last is an hour old,
/// and `burst`, 50 calls a second for each key with 100 at once. An agent in a loop stays below 10 calls a
/// second; a runaway one meets `burst` before it can hurt other keys or fill the audit trail.
std::vector<LimitPolicy> ShippedLimits();

/// `N/DURATION` or `off`: replaces limit and window of `posting`, or removes it.
absl::Status SetPostingLimit(std::vector<LimitPolicy>& limits, std::string_view text);

/// `NAME=gcra:N/DURATION[:BURST]`, `NAME=exact:N/DURATION` or `NAME=off`. A name that is there already is
/// replaced and keeps whom and what it counts; a new one rules every call of a key.
absl::Status SetLimit(std::vector<LimitPolicy>& limits, std::string_view text);

/// "5 in 1h".
std::string LimitText(const LimitPolicy& policy);

}  // namespace mcpgate::hosts
