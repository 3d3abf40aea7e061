// The security model, from top to bottom: authenticate, authorize, limit, reserve budget, record the intent.
#include "mcpgate/gate.h"

#include <fmt/format.h>

#include <span>
#include <utility>

#include "base/crypto.h"
#include "gate/impl.h"
#include "gate/limits.h"

namespace mcpgate {
namespace {

constexpr char kBadCredential[] = "the API key is missing or not accepted; ask the operator for a valid one";

// Bytes; arguments are told apart by it, and a caller, who has not its key, cannot search for two alike.
constexpr std::size_t kArgsDigest = 16;

// "1 h", "90 s", "0.250 s": whole units where they say it exactly.
std::string SpanText(Nanos span) {
  const auto whole = [span](auto unit, const char* name) { return fmt::format("{} {}", span / unit, name); };
  using std::chrono::hours, std::chrono::minutes, std::chrono::seconds;
  if (span.count() > 0 && span % hours(1) == Nanos(0)) return whole(hours(1), "h");
  if (span.count() > 0 && span % minutes(1) == Nanos(0)) return whole(minutes(1), "min");
  if (span % seconds(1) == Nanos(0)) return whole(seconds(1), "s");
  return fmt::format("{:.3f} s", std::chrono::duration<double>(span).count());
}

}  // namespace

absl::StatusOr<Admission> Gate::Impl::Admit(const Credentials& credentials, const Action& action) {
  std::unique_ptr<Admission::State> call = Begin(credentials, action);
  if (absl::Status no = Authenticate(*call, credentials); !no.ok()) return Refuse(*call, std::move(no));
  if (absl::Status no = Authorize(*call, action); !no.ok()) return Refuse(*call, std::move(no));
  if (absl::Status no = Limit(*call, action); !no.ok()) return Refuse(*call, std::move(no));
  if (absl::Status no = ReserveBudget(*call, action); !no.ok()) return Refuse(*call, std::move(no));
  if (absl::Status no = RecordIntent(*call, action); !no.ok()) return Refuse(*call, std::move(no));
  return Admission(std::move(call));
}

absl::Status Gate::Impl::Authenticate(Admission::State& call, const Credentials& credentials) {
  absl::StatusOr<KeyVerdict> verdict = options_.keyring->Verify(credentials.api_key, credentials.address);
  if (!verdict.ok()) {
    call.record.reason = verdict.status().ToString();
    return MakeRefusal(
        {.code = Refusal::kStoreUnavailable, .message = "keys cannot be checked now; try again"});
  }
  call.record.key = verdict->key_id;
  if (!verdict->principal) {
    call.record.reason = KeyRefusalName(verdict->refusal);
    return MakeRefusal({.code = Refusal::kInvalidCredential, .message = kBadCredential});
  }
  call.principal = std::move(verdict->principal);
  call.record.tenant = call.principal->tenant;
  return absl::OkStatus();
}

absl::Status Gate::Impl::Authorize(Admission::State& call, const Action& action) {
  const Policy& rules = policy();
  if (rules.Permits(*call.principal, action.name, action.role)) return absl::OkStatus();
  call.record.reason = rules.Explain(*call.principal, action.name, action.role).rule;
  return MakeRefusal(
      {.code = Refusal::kForbidden,
       .message = fmt::format("this key may not call '{}': {}", action.name, call.record.reason)});
}

absl::Status Gate::Impl::Limit(Admission::State& call, const Action& action) {
  const ChargeSheet sheet(limits_, *call.principal, action.name, action.limit_class, action.cost);
  if (!sheet.charges().empty()) {
    absl::StatusOr<LimitDecision> decision = options_.limiter->Take(sheet.charges(), &call.receipt.emplace());
    if (!decision.ok()) {
      call.receipt.reset();
      call.record.reason = decision.status().ToString();
      return MakeRefusal(
          {.code = Refusal::kStoreUnavailable, .message = "limits cannot be checked now; try again"});
    }
    if (!decision->allowed) {
      TellRefused(call, action, sheet.charges(), *decision);
      return LimitReached(call, *decision);
    }
    if (options_.on_limit) TellNearLimits(call, action);
  }
  if (!sheet.shadows().empty()) TakeShadows(call, action, sheet.shadows());
  return absl::OkStatus();
}

absl::Status Gate::Impl::LimitReached(Admission::State& call, const LimitDecision& decision) {
  call.receipt.reset();
  const LimitPolicy& policy = *decision.policy;
  if (policy.algorithm == LimitAlgorithm::kConcurrency) {
    call.record.reason = fmt::format("limit '{}': {} at once", policy.name, policy.limit);
    return MakeRefusal({.code = Refusal::kBusy,
                        .message = fmt::format("the limit '{}' lets {} calls run at once, and they do; try "
                                               "again when one has ended",
                                               policy.name, policy.limit),
                        .policy = policy.name,
                        .limit = policy.limit});
  }
  call.record.reason =
      fmt::format("limit '{}': {} per {}", policy.name, policy.limit, SpanText(policy.window));
  const bool never = decision.retry_after == Nanos::max();
  return MakeRefusal({.code = Refusal::kRateLimited,
                      .message = never
                                     ? fmt::format("the limit '{}' never allows so much at once", policy.name)
                                     : fmt::format("the limit '{}' is used up; retry after {}", policy.name,
                                                   SpanText(decision.retry_after)),
                      .policy = policy.name,
                      .limit = policy.limit,
                      .window = policy.window,
                      .retry_after = never ? Nanos(0) : decision.retry_after});
}

absl::Status Gate::Impl::ReserveBudget(Admission::State& call, const Action& action) {
  if (!options_.budget) return absl::OkStatus();
  absl::StatusOr<BudgetDecision> decision =
      options_.budget->Reserve(*call.principal, action.name, action.cost);
  if (!decision.ok()) {
    call.record.reason = decision.status().ToString();
    return MakeRefusal(
        {.code = Refusal::kStoreUnavailable, .message = "the budget cannot be checked now; try again"});
  }
  if (!decision->allowed) {
    call.record.reason = "budget: " + decision->reason;
    return MakeRefusal(
        {.code = Refusal::kBudgetExceeded, .message = "the budget does not allow it: " + decision->reason});
  }
  call.reservation = decision->reservation;
  return absl::OkStatus();
}

absl::Status Gate::Impl::RecordIntent(Admission::State& call, const Action& action) {
  call.record.args_bytes = action.arguments.size();
  if (!action.arguments.empty()) {
    const Digest digest = KeyedHash(digest_key_, "mcpgate args", action.arguments);
    call.record.args_digest = HexEncode(std::span(digest).first(kArgsDigest));
  }
  absl::Status recorded;
  if (action.effect || options_.audit_reads_before) {
    AuditRecord intent = call.record;
    intent.phase = AuditPhase::kIntent;
    intent.outcome = AuditOutcome::kAllow;
    // An intent that misses its deadline may still reach the disk; its outcome then says that nothing ran.
    call.intent_recorded = true;
    recorded = options_.audit->Append(std::move(intent), AuditDurability::kBefore);
  } else {
    recorded = options_.audit->Ready();
  }
  if (recorded.ok()) return recorded;
  call.record.reason = "not run: " + recorded.ToString();
  return MakeRefusal(
      {.code = Refusal::kAuditUnavailable,
       .message = "the call cannot be recorded now and was not run; try again or tell the operator"});
}

// Undoes what earlier steps did and leaves a record of the refusal.
absl::Status Gate::Impl::Refuse(Admission::State& call, absl::Status why) {
  GiveBack(call, Returned::kAll);
  if (call.reservation != 0) options_.budget->Settle(call.reservation, 0);
  call.record.phase = call.intent_recorded ? AuditPhase::kOutcome : AuditPhase::kSingle;
  call.record.outcome = AuditOutcome::kDeny;
  call.record.duration = options_.clock->Steady() - call.started;
  // A refusal that the full queue cannot take is counted by the sink itself; the answer stays no.
  options_.audit->Append(std::move(call.record), AuditDurability::kQueued).IgnoreError();
  return why;
}

}  // namespace mcpgate
