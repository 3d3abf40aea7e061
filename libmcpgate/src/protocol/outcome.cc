#include "protocol/outcome.h"

#include <string>
#include <utility>

namespace mcpgate {
namespace {

std::int64_t CeilMillis(Nanos wait) {
  constexpr std::int64_t kPerMilli = 1'000'000;
  return wait.count() / kPerMilli + (wait.count() % kPerMilli != 0 ? 1 : 0);
}

Json RefusalData(const Refusal& refusal) {
  if (refusal.code != Refusal::kRateLimited) return nullptr;
  Json data = {{"policy", refusal.policy}, {"limit", refusal.limit}};
  if (refusal.retry_after.count() > 0) data["retryAfterMs"] = CeilMillis(refusal.retry_after);
  return data;
}

}  // namespace

Rejection RejectionFor(const absl::Status& status) {
  if (std::optional<Refusal> refusal = RefusalOf(status)) {
    return Rejection(refusal->code, refusal->message, RefusalData(*refusal));
  }
  return Rejection(ErrorCode::kInternalError, "internal error; the operator's log has the cause");
}

Outcome OutcomeFor(const absl::StatusOr<ToolResult>& result, bool cancelled) {
  Outcome outcome;
  const bool failed = !result.ok() || result->is_error;
  if (failed) outcome.result = cancelled ? AuditOutcome::kCancelled : AuditOutcome::kError;
  if (!result.ok()) {
    // A refusal inside a handler comes before its effect, by the contract of CallContext::Authorize.
    const bool refused = RefusalOf(result.status()).has_value();
    if (refused) outcome.result = AuditOutcome::kDeny;
    outcome.nothing_happened = refused;
    outcome.reason = absl::StatusCodeToString(result.status().code());
    return outcome;
  }
  if (result->outcome_unknown) outcome.result = AuditOutcome::kUnknown;
  outcome.nothing_happened = result->nothing_happened;
  outcome.fields = result->audit_fields;
  return outcome;
}

}  // namespace mcpgate
