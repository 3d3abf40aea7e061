#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "limit/cell_table.h"
#include "limit/rule.h"
#include "mcpgate/limit_rules.h"
#include "mcpgate/rate_limiter.h"

namespace mcpgate {
namespace {

using Cells = std::array<Cell*, kMaxCharges>;

absl::Status CheckCharges(std::span<const LimitCharge> charges) {
  if (charges.size() > kMaxCharges) {
    return absl::InvalidArgumentError(
        fmt::format("{} limits rule one call; at most {} may", charges.size(), kMaxCharges));
  }
  for (const LimitCharge& charge : charges) {
    if (charge.policy == nullptr) return absl::InvalidArgumentError("a charge names no limit");
    if (charge.cost < 0) {
      return absl::InvalidArgumentError(
          fmt::format("limit '{}': cost must be 0 or more, not {}", charge.policy->name, charge.cost));
    }
  }
  return absl::OkStatus();
}

// The cost of charge `i` together with the earlier ones that fall into the same cell.
std::int64_t CostSoFar(std::span<const LimitCharge> charges, const Cells& cells, std::size_t i) {
  std::int64_t cost = charges[i].cost;
  for (std::size_t j = 0; j < i; ++j) {
    if (cells[j] != cells[i]) continue;
    cost += std::min(charges[j].cost, std::numeric_limits<std::int64_t>::max() - cost);
  }
  return cost;
}

// Units that each charge leaves, in the order of the charges.
using Left = std::array<std::int64_t, kMaxCharges>;

LimitDecision JudgeAll(std::span<const LimitCharge> charges, const Cells& cells, std::int64_t now,
                       Left& left) {
  LimitDecision decision{.remaining = std::numeric_limits<std::int64_t>::max()};
  for (std::size_t i = 0; i < charges.size(); ++i) {
    const LimitPolicy& policy = *charges[i].policy;
    const LimitVerdict verdict = JudgeLimit(policy, cells[i]->state, now, CostSoFar(charges, cells, i));
    left[i] = verdict.remaining;
    if (verdict.allowed) {
      if (decision.allowed) decision.remaining = std::min(decision.remaining, verdict.remaining);
    } else if (decision.allowed || verdict.retry_after > decision.retry_after) {
      decision = {.allowed = false,
                  .policy = &policy,
                  .remaining = verdict.remaining,
                  .retry_after = verdict.retry_after};
    }
  }
  return decision;
}

// Safe for concurrent use: the table is locked for each call, and the clock is read under the lock so that
// no mark is older than the one before it.
class LocalLimiter : public RateLimiter {
 public:
  explicit LocalLimiter(LocalLimiterOptions options)
      : clock_(*options.clock), table_(options.max_partitions) {}

  absl::StatusOr<LimitDecision> Take(std::span<const LimitCharge> charges, LimitReceipt* receipt) override {
    if (absl::Status status = CheckCharges(charges); !status.ok()) return status;
    if (receipt != nullptr) {
      receipt->lines.clear();
      receipt->lines.reserve(charges.size());
    }
    CellTable::Lock lock(table_, charges);
    const std::int64_t now = clock_.Steady().count();
    Cells cells;
    for (std::size_t i = 0; i < charges.size(); ++i) {
      cells[i] = &lock.FindOrMake(i, now);
      __builtin_prefetch(cells[i]->state.marks.data());  // loads while the other cells are looked for
    }
    Left left;  // NOLINT(cppcoreguidelines-pro-type-member-init): as many are written as there are charges
    const LimitDecision decision = JudgeAll(charges, cells, now, left);
    if (!decision.allowed) {
      lock.ForgetMade();
      return decision;
    }
    for (std::size_t i = 0; i < charges.size(); ++i) {
      Charge(charges[i], *cells[i], now, left[i], receipt);
    }
    return decision;
  }

  absl::Status Return(const LimitReceipt& receipt) override {
    for (const LimitReceipt::Line& line : receipt.lines) {
      const LimitCharge charge{.policy = line.policy, .partition = line.partition, .cost = line.cost};
      if (absl::Status status = CheckCharges({&charge, 1}); !status.ok()) return status;
      CellTable::Lock lock(table_, {&charge, 1});
      const std::int64_t now = clock_.Steady().count();
      Cell* cell = lock.Find(0, now);
      if (cell == nullptr) continue;
      ReturnLimit(*line.policy, cell->state, now, line.cost, line.token);
      cell->fresh_at = CellFreshAt(*line.policy, cell->state);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<LimitStanding>> Peek(std::span<const LimitCharge> charges) override {
    if (absl::Status status = CheckCharges(charges); !status.ok()) return status;
    CellTable::Lock lock(table_, charges);
    const std::int64_t now = clock_.Steady().count();
    std::vector<LimitStanding> standings;
    standings.reserve(charges.size());
    for (std::size_t i = 0; i < charges.size(); ++i) {
      const Cell* cell = lock.Find(i, now);
      const LimitPolicy& policy = *charges[i].policy;
      standings.push_back(StandingOf(policy, cell == nullptr ? LimitCell() : cell->state, now));
    }
    return standings;
  }

 private:
  static void Charge(const LimitCharge& charge, Cell& cell, std::int64_t now, std::int64_t left,
                     LimitReceipt* receipt) {
    const std::int64_t token = ChargeLimit(*charge.policy, cell.state, now, charge.cost);
    cell.fresh_at = CellFreshAt(*charge.policy, cell.state);
    if (receipt == nullptr) return;
    receipt->lines.push_back({.policy = charge.policy,
                              .partition = std::string(charge.partition),
                              .cost = charge.cost,
                              .token = token,
                              .remaining = left});
  }

  const Clock& clock_;
  CellTable table_;
};

}  // namespace

std::unique_ptr<RateLimiter> NewLocalRateLimiter(LocalLimiterOptions options) {
  return std::make_unique<LocalLimiter>(options);
}

}  // namespace mcpgate
