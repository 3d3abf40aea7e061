// What a gate says of its limits beside refusals. Nothing here decides a call.
#include <utility>

#include "gate/impl.h"

namespace mcpgate {
namespace {

// Four fifths are used.
bool IsNear(const LimitPolicy& policy, std::int64_t remaining) {
  return remaining <= (policy.burst > 0 ? policy.burst : policy.limit) / 5;
}

}  // namespace

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
  event.first =
      told_.IsFirst(near ? "near" : "shadow", event.policy->name, event.partition, event.policy->window);
  if (near && !event.first) return;
  event.key_id = call.principal->key_id;
  event.tenant = call.principal->tenant;
  event.action = action.name;
  options_.on_limit(event);
}

}  // namespace mcpgate
