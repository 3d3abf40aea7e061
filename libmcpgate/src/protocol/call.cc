#include "protocol/call.h"

#include <utility>

#include "protocol/capabilities.h"
#include "protocol/outcome.h"

namespace mcpgate {

Call::Call(const Surroundings& around, Request request, std::unique_ptr<Target> target, Admission admission,
           InputState inputs, std::shared_ptr<Flight> flight, CallWires wires)
    : around_(around),
      request_(std::move(request)),
      target_(std::move(target)),
      admission_(std::move(admission)),
      flight_(std::move(flight)),
      wires_(std::move(wires)),
      inputs_(std::move(inputs)) {}

ServerAnswer Call::Complete(absl::StatusOr<Finished> result) {
  {
    MutexLock lock(mutex_);
    answered_ = true;
  }
  const bool cancelled = flight_->cancelled();
  Outcome outcome = result.ok() ? std::move(result->outcome) : OutcomeFor(result.status());
  if (!result.ok() && WaitsForInput()) {
    outcome = {.reason = "waits for an answer of the client", .nothing_happened = true};
  }
  if (cancelled && outcome.result == AuditOutcome::kError) outcome.result = AuditOutcome::kCancelled;
  ServerAnswer answer;
  if (task_ != nullptr) {
    EndTask(std::move(result), cancelled);
  } else if (!cancelled) {
    answer = Answer(std::move(result));
    SayLimit(answer);
  }
  admission_.Finish(std::move(outcome));  // last: it ends what the answer is made of
  return answer;
}

// How much is left, unless the answer tells of a limit that refuses.
void Call::SayLimit(ServerAnswer& answer) const {
  if (!answer.limit.name.empty()) return;
  const LimitReceipt::Line* const line = admission_.tightest_limit();
  if (line == nullptr) return;
  answer.limit = {.name = line->policy->name,
                  .limit = line->policy->limit,
                  .window = line->policy->window,
                  .remaining = line->remaining};
}

bool Call::WaitsForInput() const {
  MutexLock lock(inputs_mutex_);
  return !pending_.empty();
}

ServerAnswer Call::Answer(absl::StatusOr<Finished> result) {
  if (!result.ok() && WaitsForInput() && !RefusalOf(result.status())) return AskAgain();
  auto said = Say(std::move(result));
  if (auto* rejection = std::get_if<Rejection>(&said)) return Reject(std::move(*rejection));
  return Result(std::get<std::string>(said));
}

// The members of the result object, or the error.
std::variant<std::string, Rejection> Call::Say(absl::StatusOr<Finished> result) const {
  if (result.ok()) return std::move(result->members);
  const absl::Status& status = result.status();
  if (RefusalOf(status) || absl::IsInternal(status)) return RejectionFor(status);
  if (const auto required = MissingCapabilityOf(status); required && IsModern(request_.revision)) {
    return Rejection(ErrorCode::kMissingCapability,
                     "this call needs a capability that the client did not declare",
                     {{"requiredCapabilities", *required}});
  }
  return target_->Failure(status, request_.revision);
}

void Call::EndTask(absl::StatusOr<Finished> result, bool cancelled) {
  if (cancelled) return task_->Cancelled();
  auto said = Say(std::move(result));
  if (auto* rejection = std::get_if<Rejection>(&said)) return task_->Fail(*rejection);
  task_->Complete('{' + std::get<std::string>(said) + '}');
}

absl::Status Call::ContinueAsTask(const TaskOptions& options) {
  if (task_ != nullptr) return absl::OkStatus();
  if (!IsModern(request_.revision) || !KnowsTasks(*request_.capabilities))
    return MissingCapability(TasksCapability());
  if (wires_.tasks == nullptr) return absl::FailedPreconditionError("this call cannot go on as a task");
  absl::StatusOr<std::shared_ptr<RunningTask>> task = wires_.tasks->Begin(principal(), options, flight_);
  if (!task.ok()) return task.status();
  {
    MutexLock lock(mutex_);
    answered_ = true;  // progress and log messages belong to a request, which ends here
  }
  flight_->Extend(options.ttl);
  task_ = *std::move(task);
  wires_.answer({.message = ResultMessage(request_.id, around_.identity.Task(task_->Created()))});
  return absl::OkStatus();
}

ServerAnswer Call::Reject(Rejection rejection) const {
  rejection.id = request_.id;
  return ErrorAnswer(rejection, request_.revision);
}

ServerAnswer Call::Result(std::string_view members) const {
  return {.message = around_.identity.ResultMessage(request_.id, request_.revision, members)};
}

// The questions, and what must be known when the client comes back with the answers.
ServerAnswer Call::AskAgain() {
  MutexLock lock(inputs_mutex_);
  Json requests = Json::object();
  inputs_.asked.clear();
  for (const auto& [key, request] : pending_) {
    requests[key] = {{"method", request.method}, {"params", request.params}};
    inputs_.asked.insert(key);
  }
  inputs_.nonce = around_.inputs.NewNonce();
  const auto state =
      around_.inputs.Seal(InputBinding(principal(), request_, target_->arguments_text()), inputs_);
  if (!state) {
    return Reject(
        {ErrorCode::kInvalidParams, "the answers so far are too long to be carried to another round"});
  }
  Json members = {{"inputRequests", std::move(requests)}, {"requestState", *state}};
  return {.message = ResultMessage(request_.id, around_.identity.InputRequired(members))};
}

void Call::Progress(double progress, std::optional<double> total, std::string_view message) {
  if (request_.progress_token.is_null()) return;
  MutexLock lock(mutex_);
  if (answered_ || flight_->cancelled() || wires_.reply == nullptr) return;
  if (last_progress_ && progress <= *last_progress_) return;
  last_progress_ = progress;
  Json params = {{"progressToken", request_.progress_token}, {"progress", progress}};
  if (total) params["total"] = *total;
  if (!message.empty() && request_.revision != Revision::k2025_03_26) params["message"] = message;
  wires_.reply->Notify(NotificationMessage("notifications/progress", DumpJson(params)));
}

void Call::Log(LogLevel level, Json data, std::string_view logger) {
  if (!request_.log_level || level < *request_.log_level) return;
  MutexLock lock(mutex_);
  if (answered_ || flight_->cancelled() || wires_.reply == nullptr) return;
  Json params = {{"level", LogLevelName(level)}, {"data", std::move(data)}};
  if (!logger.empty()) params["logger"] = logger;
  wires_.reply->Notify(NotificationMessage("notifications/message", DumpJson(params)));
}

absl::StatusOr<Json> Call::LimitStandings(std::string_view limit_class) const {
  auto standings = around_.gate.Standing(principal(), target_->entry().action(), limit_class);
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

bool Call::CanAsk(const InputRequest& request) const {
  if (!IsModern(request_.revision) && wires_.peer == nullptr) return false;
  return CanAnswer(*request_.capabilities, request_.revision, request);
}

absl::StatusOr<std::vector<Json>> Call::AskAll(std::span<const InputRequest> requests) {
  Json missing = Json::object();
  for (const InputRequest& request : requests) {
    if (!CanAsk(request)) missing.merge_patch(RequiredCapabilities(request));
  }
  if (!missing.empty()) return MissingCapability(missing);
  if (task_ != nullptr) return task_->Ask(requests, flight_->stop_token());
  return IsModern(request_.revision) ? AskInRounds(requests) : AskPeer(requests);
}

absl::StatusOr<std::vector<Json>> Call::AskInRounds(std::span<const InputRequest> requests) {
  MutexLock lock(inputs_mutex_);
  std::vector<Json> answers;
  for (const InputRequest& request : requests) {
    const auto known = inputs_.answers.find(request.key);
    if (known != inputs_.answers.end() && !ProblemOfAnswer(request, known->second)) {
      answers.push_back(known->second);
      continue;
    }
    if (known != inputs_.answers.end()) inputs_.answers.erase(known);
    pending_.insert_or_assign(request.key, request);
  }
  if (pending_.empty()) return answers;
  return absl::FailedPreconditionError("the client is asked first");
}

absl::StatusOr<std::vector<Json>> Call::AskPeer(std::span<const InputRequest> requests) {
  std::vector<Json> answers;
  for (const InputRequest& request : requests) {
    Json params = request.params;
    const bool by_url = StringOr(params, "mode", "") == "url";
    if (by_url) params["elicitationId"] = call_id() + "/" + request.key;  // 2025-11-25 wants one
    absl::StatusOr<Json> answer = wires_.peer->Ask(request.method, params, *flight_);
    if (!answer.ok()) return answer.status();
    if (const auto problem = ProblemOfAnswer(request, *answer)) {
      return absl::InvalidArgumentError("the client's answer cannot be used: " + *problem);
    }
    answers.push_back(*std::move(answer));
  }
  return answers;
}

}  // namespace mcpgate
