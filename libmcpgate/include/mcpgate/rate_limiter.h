// File: rate_limiter.h
//
// How often. Several policies may rule one call; either all of them are charged or none is.
#pragma once

#include <cstdint>
#include <memory>
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
enum class LimitAlgorithm : std::uint8_t { kExact, kGcra, kIdleReset };
MCPGATE_EXPORT std::string_view LimitAlgorithmName(LimitAlgorithm algorithm);

/// Whom a policy counts together.
enum class LimitScope : std::uint8_t { kGlobal, kTenant, kKey, kTool, kKeyAndTool };

struct LimitPolicy {
  std::string name{};  ///< part of the counter's identity; [a-z0-9_-], 1 to 40
  LimitAlgorithm algorithm = LimitAlgorithm::kExact;
  LimitScope scope = LimitScope::kKey;
  /// The class of tools it rules ("posting"); empty: every call.
  std::string applies_to{};
  std::int64_t limit = 0;  ///< N units; kExact ≤ 100,000, kIdleReset ≤ 64
  Nanos window{0};         ///< W, 1 ms to 366 days
  std::int64_t burst = 0;  ///< kGcra only; 0 means `limit`
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
  Nanos retry_after{0};        ///< the same charge is admitted after exactly this, if nobody else comes
};

/// What `Take` did, so that it can be given back.
struct LimitReceipt {
  struct Line {
    const LimitPolicy* policy = nullptr;
    std::string partition{};
    std::int64_t cost = 0;
    std::int64_t token = 0;  ///< the algorithm's own mark of the admission
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

/// Sends policies with a window of a minute and more to `durable` and the rest to `local`, all or none over
/// both.
MCPGATE_EXPORT std::unique_ptr<RateLimiter> NewTieredRateLimiter(std::shared_ptr<RateLimiter> local,
                                                                 std::shared_ptr<RateLimiter> durable);

}  // namespace mcpgate
