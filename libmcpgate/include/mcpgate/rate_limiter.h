// File: rate_limiter.h
//
// How often. Several policies may rule one call; either all of them are charged or none is.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/clock.h"
#include "mcpgate/export.h"

namespace mcpgate {

/// Each algorithm with the most it ever admits in a window of length W.
///   kExact      N. A log of the last N admissions. Retry time is exact.
///   kGcra       burst + W/T with T = window/limit. A steady rate with a burst; 8 bytes a key.
///   kIdleReset  N. Counts up to N and forgets all of it when the last admission is older than W. A client
///   that keeps
///               calling slowly never resets: that is the point.
///   kSegmented  N. The window in 64 cells, each that overlaps it counted in full: for large N, where a log
///               of N entries is too much. Refuses early by at most one cell, window/64.
///   kConcurrency  N at one time, not in a window. A unit is held from `Take` until `Return`, or until it is
///               `window` old, which is for callers that die before they give it back. In memory only.
enum class LimitAlgorithm : std::uint8_t { kExact, kGcra, kIdleReset, kSegmented, kConcurrency };
MCPGATE_EXPORT std::string_view LimitAlgorithmName(LimitAlgorithm algorithm);

/// Whom a policy counts together. The gate rules by what it knows of a call; kAddress and kFailedAuth are for
/// whoever knows the client's address before its key: all requests of one, and those of its keys refused.
/// A key that is nobody's in particular counts by itself where a principal is counted, and by its principal
/// where a team is and there is none.
enum class LimitScope : std::uint8_t {
  kGlobal,
  kTenant,
  kTeam,
  kPrincipal,
  kKey,
  kTool,
  kKeyAndTool,
  kAddress,
  kFailedAuth
};
/// "global", "tenant", "team", "principal", "key", "tool", "key+tool", "address" or "failed-auth".
MCPGATE_EXPORT std::string_view LimitScopeName(LimitScope scope);
/// The scope of that name, or nullopt.
MCPGATE_EXPORT std::optional<LimitScope> ParseLimitScope(std::string_view name);

/// Other numbers for calls that every pattern matches: whole texts in which `*` stands for any run of
/// characters. The counter stays the policy's own: whoever shares it is judged by the numbers of each call.
struct LimitOverride {
  std::string tenant = "*";
  std::string principal = "*";  ///< whose key it is
  std::string key = "*";        ///< the key's family
  std::string tool = "*";
  std::int64_t limit = 0;  ///< as in LimitPolicy
  Nanos window{0};         ///< as in LimitPolicy
};

struct LimitPolicy {
  std::string name{};  ///< part of the counter's identity; [a-z0-9_-], 1 to 40
  LimitAlgorithm algorithm = LimitAlgorithm::kExact;
  LimitScope scope = LimitScope::kKey;
  /// The class of tools it rules ("posting"); empty: every call.
  std::string applies_to{};
  std::int64_t limit = 0;  ///< N units; kExact ≤ 100,000, kIdleReset ≤ 64, kConcurrency ≤ 10,000
  Nanos window{0};         ///< W, 1 ms to 366 days; kConcurrency: how long a unit is held at most
  std::int64_t burst = 0;  ///< kGcra only; 0 means `limit`
  /// Counts and reports what it would refuse, and refuses nothing. Before a limit is put in force, say.
  bool shadow = false;
  std::vector<LimitOverride> overrides{};  ///< at most 64; the first that matches a call rules it
};
/// InvalidArgument names the field and what it may be.
MCPGATE_EXPORT absl::Status ValidateLimitPolicy(const LimitPolicy& policy);
/// Five posts an hour for each key, forgotten when the last one is an hour old: the shipped rule of posting
/// tools.
MCPGATE_EXPORT LimitPolicy PostingLimit();

/// One policy to charge, for one partition (a key's family, a tenant ...). Both views outlive the call.
struct LimitCharge {
  const LimitPolicy* policy = nullptr;
  std::string_view partition{};
  std::int64_t cost = 1;
};

/// The answer. A *no* is data; a store that did not answer is a Status.
struct LimitDecision {
  bool allowed = true;
  const LimitPolicy* policy =
      nullptr;                 ///< the policy that refused, with the longest wait; nullptr when allowed
  std::int64_t remaining = 0;  ///< units left of `policy`, or of the tightest one when allowed
  Nanos retry_after{0};  ///< the same charge is admitted after exactly this, if nobody else comes or goes
};

/// What `Take` did, so that it can be given back.
struct LimitReceipt {
  struct Line {
    const LimitPolicy* policy = nullptr;
    std::string partition{};
    std::int64_t cost = 0;
    std::int64_t token = 0;      ///< the algorithm's own mark of the admission
    std::int64_t remaining = 0;  ///< units left of the policy after the charge
  };
  std::vector<Line> lines{};
};

/// How one policy stands for one partition now.
struct LimitStanding {
  const LimitPolicy* policy = nullptr;
  std::int64_t remaining = 0;
  Nanos full_again{0};  ///< until nothing counts any more
};

/// RateLimiter
///
/// Safe for concurrent use.
class MCPGATE_EXPORT RateLimiter {
 public:
  virtual ~RateLimiter() = default;
  /// Charges all or none. `receipt` may be null when nothing will be given back.
  virtual absl::StatusOr<LimitDecision> Take(std::span<const LimitCharge> charges, LimitReceipt* receipt) = 0;
  /// Gives back what a receipt says was taken (a send that failed). Never lets a window hold more than its
  /// limit.
  virtual absl::Status Return(const LimitReceipt& receipt) = 0;
  virtual absl::StatusOr<std::vector<LimitStanding>> Peek(std::span<const LimitCharge> charges) = 0;
};

struct LocalLimiterOptions {
  const Clock* clock = &Clock::System();
  std::size_t max_partitions = 1u << 20;  ///< beyond it newcomers share one counter a policy
};
/// In this process's memory, on the steady clock.
MCPGATE_EXPORT std::unique_ptr<RateLimiter> NewLocalRateLimiter(LocalLimiterOptions options = {});

/// Sends policies with a window of a minute and more to `durable`, the rest and kConcurrency to `local`, all
/// or none over both.
MCPGATE_EXPORT std::unique_ptr<RateLimiter> NewTieredRateLimiter(std::shared_ptr<RateLimiter> local,
                                                                 std::shared_ptr<RateLimiter> durable);

}  // namespace mcpgate
