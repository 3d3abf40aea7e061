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
  if (refusal.policy.empty()) return nullptr;
  Json data = {{"policy", refusal.policy}, {"limit", refusal.limit}};
  if (refusal.retry_after.count() > 0) data["retryAfterMs"] = CeilMillis(refusal.retry_after);
  return data;
}

}  // namespace

Rejection RejectionFor(const absl::Status& status) {
  if (std::optional<Refusal> refusal = RefusalOf(status)) {
    Rejection rejection(refusal->code, refusal->message, RefusalData(*refusal));
    if (refusal->code == Refusal::kRateLimited) {
      rejection.limit = {.name = refusal->policy, .limit = refusal->limit, .window = refusal->window};
    }
    rejection.retry_after = refusal->retry_after;
    return rejection;
  }
  return Rejection(ErrorCode::kInternalError, "internal error; the operator's log has the cause");
}

namespace {

int HttpStatusFor(const Rejection& rejection, Revision revision) {
  if (rejection.http_status != 0) return rejection.http_status;
  switch (static_cast<ErrorCode>(rejection.code)) {
    case ErrorCode::kParseError:
    case ErrorCode::kInvalidRequest:
    case ErrorCode::kHeaderMismatch:
    case ErrorCode::kMissingCapability:
    case ErrorCode::kUnsupportedVersion:
      return 400;
    case ErrorCode::kMethodNotFound:
      return IsModern(revision) ? 404 : 200;
    default:
      break;
  }
  // A refusal's code begins with its HTTP status; any other error travels inside a 200.
  const bool refused = rejection.code >= 40'000 && rejection.code < 60'000;
  return refused ? rejection.code / 100 : 200;
}

}  // namespace

ServerAnswer ErrorAnswer(const Rejection& rejection, Revision revision) {
  return {.message = ErrorMessage(rejection),
          .http_status = HttpStatusFor(rejection, revision),
          .error_code = rejection.code,
          .limit = rejection.limit,
          .retry_after = rejection.retry_after};
}

Outcome OutcomeFor(const ToolResult& result) {
  Outcome outcome;
  if (result.is_error) outcome.result = AuditOutcome::kError;
  if (result.outcome_unknown) outcome.result = AuditOutcome::kUnknown;
  outcome.nothing_happened = result.nothing_happened;
  outcome.fields = result.audit_fields;
  return outcome;
}

Outcome OutcomeFor(const absl::Status& failure) {
  // A refusal inside a handler comes before its effect, by the contract of CallContext::Authorize.
  const bool refused = RefusalOf(failure).has_value();
  return {.result = refused ? AuditOutcome::kDeny : AuditOutcome::kError,
          .reason = std::string(absl::StatusCodeToString(failure.code())),
          .nothing_happened = refused};
}

}  // namespace mcpgate
