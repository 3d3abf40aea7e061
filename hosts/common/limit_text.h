// File: common/limit_text.h
//
// The limits a host applies, and how an operator changes them on the command line.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/rate_limiter.h"

namespace mcpgate::hosts {

/// What hosts ship with, each for every key: `posting`, five posts an hour, forgotten when the last is an
/// hour old; `per-key`, 100 calls a minute; `per-tool`, 10 calls of each tool a minute; and `burst`, 50 calls
/// a second with 100 at once, which a runaway agent meets in memory, before it can keep the store busy. The
/// two by the minute are 600 and 120 for administration (`admin.*`, `self.*`).
std::vector<LimitPolicy> ShippedLimits();

/// `N/DURATION` or `off`: replaces limit and window of `posting`, or removes it.
absl::Status SetPostingLimit(std::vector<LimitPolicy>& limits, std::string_view text);

/// `NAME=ALGORITHM:N/DURATION[:BURST][ per SCOPE][ for CLASS][ shadow]` or `NAME=off`. ALGORITHM is
/// one of LimitAlgorithmName, SCOPE of LimitScopeName; BURST is for gcra; a shadow tells and does not refuse.
/// A name that is there already is replaced and keeps whom and what it counts unless that is said; a new one
/// rules every call of a key. `NAME=N/DURATION when FIELD=PATTERN ...` gives a limit that is there other
/// numbers for some calls: FIELD is tenant, principal, key or tool, all patterns must match, and the first
/// such rule that matches a call rules it.
/// InvalidArgument, and nothing changes, for what is not one of these.
absl::Status SetLimit(std::vector<LimitPolicy>& limits, std::string_view text);

/// The number of calls and the window of `per-key`, from what other servers call MCP_RL_BUCKET and
/// MCP_RL_WINDOW_MS; empty: as it is. Without that limit nothing happens.
absl::Status SetKeyRate(std::vector<LimitPolicy>& limits, std::string_view bucket,
                        std::string_view window_ms);

/// Takes the limits of scope `address` and `failed-auth` out of `limits`; each replaces `requests` or
/// `failures`. InvalidArgument when there are two of one scope, or one counts what cannot be counted there.
absl::Status TakeAddressLimits(std::vector<LimitPolicy>& limits, std::optional<LimitPolicy>& requests,
                               std::optional<LimitPolicy>& failures);

/// As it would be written, the rule itself first and then its other numbers.
std::vector<std::string> LimitRules(const LimitPolicy& policy);

/// "5 in 1h".
std::string LimitText(const LimitPolicy& policy);

}  // namespace mcpgate::hosts
