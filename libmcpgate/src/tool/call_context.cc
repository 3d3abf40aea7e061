#include "mcpgate/call_context.h"

#include <utility>

namespace mcpgate {

InputRequest InputRequest::Form(std::string key, std::string message, Json schema) {
  return {.key = std::move(key),
          .method = "elicitation/create",
          .params = {{"message", std::move(message)}, {"requestedSchema", std::move(schema)}}};
}

InputRequest InputRequest::Url(std::string key, std::string message, std::string url) {
  return {.key = std::move(key),
          .method = "elicitation/create",
          .params = {{"mode", "url"}, {"message", std::move(message)}, {"url", std::move(url)}}};
}

InputRequest InputRequest::Sample(std::string key, Json params) {
  return {.key = std::move(key), .method = "sampling/createMessage", .params = std::move(params)};
}

InputRequest InputRequest::Roots(std::string key) { return {.key = std::move(key), .method = "roots/list"}; }

// A context without a client: embedded callers, tests.
void CallContext::Log(LogLevel, Json, std::string_view) {}
bool CallContext::CanAsk(const InputRequest&) const { return false; }
absl::StatusOr<std::vector<Json>> CallContext::AskAll(std::span<const InputRequest>) {
  return absl::FailedPreconditionError("there is no client that could be asked");
}

absl::Status CallContext::ContinueAsTask(const TaskOptions&) {
  return absl::FailedPreconditionError("there is no client that could ask for a task");
}

absl::StatusOr<Json> CallContext::Ask(const InputRequest& request) {
  absl::StatusOr<std::vector<Json>> answers = AskAll({&request, 1});
  if (!answers.ok()) return answers.status();
  return std::move(answers->front());
}

}  // namespace mcpgate
