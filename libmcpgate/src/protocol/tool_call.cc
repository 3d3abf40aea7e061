#include "protocol/tool_call.h"

#include <fmt/format.h>

#include <utility>

#include "protocol/outcome.h"
#include "protocol/tool_result.h"

namespace mcpgate {
namespace {

Json TakeArguments(Request& request) {
  const auto arguments = request.params.find("arguments");
  return arguments == request.params.end() ? Json::object() : std::move(*arguments);
}

}  // namespace

ToolCall::ToolCall(const Surroundings& around, Request request, const RegisteredTool& tool,
                   Admission admission, std::shared_ptr<Flight> flight, Notify notify)
    : around_(around),
      request_(std::move(request)),
      tool_(tool),
      arguments_(TakeArguments(request_)),
      admission_(std::move(admission)),
      flight_(std::move(flight)),
      notify_(std::move(notify)) {}

std::optional<ToolResult> ToolCall::CheckArguments() const {
  const std::vector<SchemaViolation> violations = tool_.input().Validate(arguments_);
  if (violations.empty()) return std::nullopt;
  ToolResult result = ToolResult::Error(fmt::format("The arguments of '{}' do not fit its input schema:\n{}",
                                                    tool().name, DescribeViolations(violations)));
  result.nothing_happened = true;
  return result;
}

std::string ToolCall::Complete(absl::StatusOr<ToolResult> result) {
  {
    MutexLock lock(mutex_);
    answered_ = true;
  }
  const bool cancelled = flight_->cancelled();
  Outcome outcome = OutcomeFor(result, cancelled);
  if (result.ok()) {
    if (absl::Status bad = CheckOutput(*result); !bad.ok()) {
      outcome.reason = "the result does not fit the tool's output schema";
      outcome.result = AuditOutcome::kError;
      result = std::move(bad);
    }
  }
  admission_.Finish(std::move(outcome));
  return cancelled ? std::string() : Answer(result);
}

absl::Status ToolCall::CheckOutput(const ToolResult& result) const {
  if (tool_.output() == nullptr || result.is_error) return absl::OkStatus();
  const bool fits = result.structured && tool_.output()->Validate(*result.structured).empty();
  return fits ? absl::OkStatus() : absl::InternalError("output schema");
}

std::string ToolCall::Answer(const absl::StatusOr<ToolResult>& result) const {
  if (result.ok()) {
    return ResultMessage(request_.id, around_.identity.Result(request_.revision,
                                                              ToolResultMembers(*result, request_.revision)));
  }
  const absl::Status& status = result.status();
  if (RefusalOf(status) || absl::IsInternal(status)) {
    Rejection rejection = RejectionFor(status);
    rejection.id = request_.id;
    return ErrorMessage(rejection);
  }
  const ToolResult failure = ToolResult::Error(std::string(status.message()));
  return ResultMessage(
      request_.id, around_.identity.Result(request_.revision, ToolResultMembers(failure, request_.revision)));
}

void ToolCall::Progress(double progress, std::optional<double> total, std::string_view message) {
  if (request_.progress_token.is_null()) return;
  MutexLock lock(mutex_);
  if (answered_ || flight_->cancelled() || !notify_) return;
  if (last_progress_ && progress <= *last_progress_) return;
  last_progress_ = progress;
  Json params = {{"progressToken", request_.progress_token}, {"progress", progress}};
  if (total) params["total"] = *total;
  if (!message.empty()) params["message"] = message;
  notify_(NotificationMessage("notifications/progress", DumpJson(params)));
}

absl::StatusOr<Json> ToolCall::LimitStandings(std::string_view limit_class) const {
  auto standings = around_.gate.Standing(principal(), tool().name, limit_class);
  if (!standings.ok()) return standings.status();
  Json list = Json::array();
  for (const LimitStanding& standing : *standings) {
    const auto millis = [](Nanos span) { return std::chrono::ceil<std::chrono::milliseconds>(span).count(); };
    list.push_back({{"limit", standing.policy->name},
                    {"allowed", standing.policy->limit},
                    {"window_ms", millis(standing.policy->window)},
                    {"remaining", standing.remaining},
                    {"full_again_ms", millis(standing.full_again)}});
  }
  return list;
}

}  // namespace mcpgate
