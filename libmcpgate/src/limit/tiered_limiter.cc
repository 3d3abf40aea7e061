#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "mcpgate/rate_limiter.h"

namespace mcpgate {
namespace {

constexpr Nanos kDurableFrom = std::chrono::minutes(1);

// What is held now ends with the process that holds it, so it is counted where that is known.
bool IsDurable(const LimitPolicy& policy) {
  return policy.window >= kDurableFrom && policy.algorithm != LimitAlgorithm::kConcurrency;
}

struct Split {
  absl::InlinedVector<LimitCharge, 8> local, durable;
};

absl::StatusOr<Split> SplitCharges(std::span<const LimitCharge> charges) {
  Split split;
  for (const LimitCharge& charge : charges) {
    if (charge.policy == nullptr) return absl::InvalidArgumentError("a charge names no limit");
    (IsDurable(*charge.policy) ? split.durable : split.local).push_back(charge);
  }
  return split;
}

void AddReceipt(LimitReceipt& to, LimitReceipt& from) {
  to.lines.insert(to.lines.end(), std::make_move_iterator(from.lines.begin()),
                  std::make_move_iterator(from.lines.end()));
}

// Safe for concurrent use: it has no state of its own.
class TieredLimiter : public RateLimiter {
 public:
  TieredLimiter(std::shared_ptr<RateLimiter> local, std::shared_ptr<RateLimiter> durable)
      : local_(std::move(local)), durable_(std::move(durable)) {}

  absl::StatusOr<LimitDecision> Take(std::span<const LimitCharge> charges, LimitReceipt* receipt) override {
    if (receipt != nullptr) receipt->lines.clear();
    absl::StatusOr<Split> split = SplitCharges(charges);
    if (!split.ok()) return split.status();
    if (split->durable.empty()) return local_->Take(charges, receipt);
    if (split->local.empty()) return durable_->Take(charges, receipt);
    LimitReceipt taken;
    absl::StatusOr<LimitDecision> near = local_->Take(split->local, &taken);
    if (!near.ok()) return near;
    if (!near->allowed) return LongerWait(*near, split->durable);
    LimitReceipt kept;
    absl::StatusOr<LimitDecision> far = durable_->Take(split->durable, receipt == nullptr ? nullptr : &kept);
    if (!far.ok() || !far->allowed) {
      if (absl::Status status = local_->Return(taken); !status.ok()) return status;
      return far;
    }
    if (receipt != nullptr) {
      AddReceipt(*receipt, taken);
      AddReceipt(*receipt, kept);
    }
    far->remaining = std::min(far->remaining, near->remaining);
    return far;
  }

  absl::Status Return(const LimitReceipt& receipt) override {
    LimitReceipt near, far;
    for (const LimitReceipt::Line& line : receipt.lines) {
      if (line.policy == nullptr) return absl::InvalidArgumentError("a receipt names no limit");
      (IsDurable(*line.policy) ? far : near).lines.push_back(line);
    }
    absl::Status status = near.lines.empty() ? absl::OkStatus() : local_->Return(near);
    if (!far.lines.empty()) status.Update(durable_->Return(far));
    return status;
  }

  absl::StatusOr<std::vector<LimitStanding>> Peek(std::span<const LimitCharge> charges) override {
    absl::StatusOr<Split> split = SplitCharges(charges);
    if (!split.ok()) return split.status();
    if (split->durable.empty()) return local_->Peek(charges);
    absl::StatusOr<std::vector<LimitStanding>> near = local_->Peek(split->local);
    if (!near.ok()) return near;
    absl::StatusOr<std::vector<LimitStanding>> far = durable_->Peek(split->durable);
    if (!far.ok()) return far;
    std::vector<LimitStanding> standings;
    standings.reserve(charges.size());
    auto next_near = near->begin(), next_far = far->begin();
    for (const LimitCharge& charge : charges) {
      standings.push_back(IsDurable(*charge.policy) ? *next_far++ : *next_near++);
    }
    return standings;
  }

 private:
  // The local limiter has refused. A durable limit that would refuse too, for longer, rules the retry time;
  // it is asked only when it looks exhausted, so that a flood stays cheap.
  LimitDecision LongerWait(const LimitDecision& refused, std::span<const LimitCharge> durable) {
    const absl::StatusOr<std::vector<LimitStanding>> standings = durable_->Peek(durable);
    if (!standings.ok()) return refused;
    bool exhausted = false;
    for (std::size_t i = 0; i < durable.size(); ++i) {
      exhausted = exhausted || (*standings)[i].remaining < durable[i].cost;
    }
    if (!exhausted) return refused;
    LimitReceipt taken;
    const absl::StatusOr<LimitDecision> far = durable_->Take(durable, &taken);
    if (!far.ok()) return refused;
    if (far->allowed) {
      durable_->Return(taken).IgnoreError();  // units came free meanwhile; the refusal stands
      return refused;
    }
    return far->retry_after > refused.retry_after ? *far : refused;
  }

  const std::shared_ptr<RateLimiter> local_;
  const std::shared_ptr<RateLimiter> durable_;
};

}  // namespace

std::unique_ptr<RateLimiter> NewTieredRateLimiter(std::shared_ptr<RateLimiter> local,
                                                  std::shared_ptr<RateLimiter> durable) {
  return std::make_unique<TieredLimiter>(std::move(local), std::move(durable));
}

}  // namespace mcpgate
