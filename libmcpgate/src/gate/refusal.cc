// Refusals travel as absl::Status with a payload, so that every layer between gate and wire can pass them on
// unread.
#include <charconv>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/cord.h"
#include "mcpgate/gate.h"

namespace mcpgate {
namespace {

constexpr char kPayload[] = "type.mcpgate/refusal";

absl::StatusCode CanonicalCode(Refusal::Code code) {
  switch (code) {
    case Refusal::kInvalidCredential:
      return absl::StatusCode::kUnauthenticated;
    case Refusal::kForbidden:
      return absl::StatusCode::kPermissionDenied;
    case Refusal::kBudgetExceeded:
    case Refusal::kRateLimited:
    case Refusal::kBusy:
      return absl::StatusCode::kResourceExhausted;
    case Refusal::kAuditUnavailable:
    case Refusal::kStoreUnavailable:
      return absl::StatusCode::kUnavailable;
  }
  return absl::StatusCode::kUnknown;
}

std::int64_t TakeNumber(std::string_view& text) {
  std::int64_t number = 0;
  const std::size_t end = text.find('\n');
  const std::string_view field = text.substr(0, end);
  std::from_chars(field.data(), field.data() + field.size(), number);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return number;
}

}  // namespace

absl::Status MakeRefusal(const Refusal& refusal) {
  absl::Status status(CanonicalCode(refusal.code), refusal.message);
  std::string payload;
  for (const std::int64_t number :
       {std::int64_t{refusal.code}, refusal.limit, refusal.window.count(), refusal.retry_after.count()}) {
    payload += std::to_string(number) + '\n';
  }
  status.SetPayload(kPayload, absl::Cord(payload + refusal.policy));
  return status;
}

std::optional<Refusal> RefusalOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayload);
  if (!payload.has_value()) return std::nullopt;
  const std::string bytes(*payload);
  std::string_view rest = bytes;
  Refusal refusal;
  refusal.code = static_cast<Refusal::Code>(TakeNumber(rest));
  refusal.limit = TakeNumber(rest);
  refusal.window = Nanos(TakeNumber(rest));
  refusal.retry_after = Nanos(TakeNumber(rest));
  refusal.policy = std::string(rest);
  refusal.message = std::string(status.message());
  return refusal;
}

}  // namespace mcpgate
