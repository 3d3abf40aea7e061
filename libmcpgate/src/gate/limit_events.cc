// What a gate says of its limits beside refusals. Nothing here decides a call.
#include <utility>

#include "gate/impl.h"

namespace mcpgate {
namespace {

// What a full counter holds.
std::int64_t RoomOf(const LimitPolicy& policy) { return policy.burst > 0 ? policy.burst : policy.limit; }

// Four fifths are used.
bool IsNear(const LimitPolicy& policy, std::int64_t remaining) { return remaining <= RoomOf(policy) / 5; }

}  // namespace

const LimitReceipt::Line* Admission::tightest_limit() const {
  if (!state_->receipt) return nullptr;
  const LimitReceipt::Line* tightest = nullptr;
  for (const LimitReceipt::Line& line : state_->receipt->lines) {
    if (line.policy->shadow || line.policy->algorithm == LimitAlgorithm::kConcurrency) continue;
    // Neither is above 10^9, so the products fit.
    if (tightest == nullptr ||
        line.remaining * RoomOf(*tightest->policy) < tightest->remaining * RoomOf(*line.policy)) {
      tightest = &line;
    }
  }
  return tightest;
}

// A limiter that does not answer changes nothing here: a shadow refuses nobody.
void Gate::Impl::TakeShadows(Admission::State& call, const Action& action,
                             std::span<const LimitCharge> shadows) {
  for (const LimitCharge& charge : shadows) {
    LimitReceipt taken;
    const absl::StatusOr<LimitDecision> decision = options_.limiter->Take({&charge, 1}, &taken);
    if (!decision.ok()) continue;
    if (!decision->allowed) {
      Tell({.kind = LimitEvent::Kind::kShadow, .policy = charge.policy, .partition = charge.partition}, call,
           action);
      continue;
    }
    if (!call.receipt) call.receipt.emplace();
    for (LimitReceipt::Line& line : taken.lines) call.receipt->lines.push_back(std::move(line));
  }
}

void Gate::Impl::TellRefused(const Admission::State& call, const Action& action,
                             std::span<const LimitCharge> charges, const LimitDecision& decision) {
  for (const LimitCharge& charge : charges) {
    if (charge.policy != decision.policy) continue;
    Tell({.kind = LimitEvent::Kind::kRefused, .policy = charge.policy, .partition = charge.partition}, call,
         action);
  }
}

void Gate::Impl::TellNearLimits(const Admission::State& call, const Action& action) {
  for (const LimitReceipt::Line& line : call.receipt->lines) {
    if (!IsNear(*line.policy, line.remaining)) continue;
    Tell({.kind = LimitEvent::Kind::kNear,
          .policy = line.policy,
          .partition = line.partition,
          .remaining = line.remaining},
         call, action);
  }
}

void Gate::Impl::Tell(LimitEvent event, const Admission::State& call, const Action& action) {
  if (!options_.on_limit) return;
  const bool near = event.kind == LimitEvent::Kind::kNear;
  // Refusals are as many as strangers like, and must not crowd out what is worth saying.
  event.first =
      event.kind == LimitEvent::Kind::kRefused ||
      told_.IsFirst(near ? "near" : "shadow", event.policy->name, event.partition, event.policy->window);
  if (near && !event.first) return;
  event.key_id = call.principal->key_id;
  event.tenant = call.principal->tenant;
  event.action = action.name;
  options_.on_limit(event);
}

}  // namespace mcpgate
