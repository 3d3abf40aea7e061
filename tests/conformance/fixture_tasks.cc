#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>

#include "fixture.h"

namespace mcpgate::conformance {
namespace {

struct Computation {
  std::int64_t seconds = 0;
  std::optional<std::string> label;
};

// Sleeps unless it is told to stop; false then.
bool Sleep(CallContext& context, std::chrono::seconds time) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, context.stop_token(), time, [] { return false; });
  return !context.stop_token().stop_requested();
}

absl::StatusOr<std::string> Compute(const Computation& arguments, CallContext& context) {
  context.ContinueAsTask().IgnoreError();  // a client without tasks waits
  if (!Sleep(context, std::chrono::seconds(arguments.seconds))) return absl::CancelledError("stopped");
  return "Computed " + arguments.label.value_or("nothing in particular") + " in " +
         std::to_string(arguments.seconds) + " s";
}

absl::StatusOr<ToolResult> Fail(const NoArguments&, CallContext& context) {
  if (absl::Status no = context.ContinueAsTask(); !no.ok()) return no;
  return ToolResult::Error("The job failed");
}

absl::StatusOr<ToolResult> Break(const NoArguments&, CallContext& context) {
  if (absl::Status no = context.ContinueAsTask(); !no.ok()) return no;
  return absl::InternalError("the job broke");
}

InputRequest Confirm(std::string key, std::string message) {
  return InputRequest::Form(std::move(key), std::move(message),
                            {{"type", "object"}, {"properties", {{"confirm", {{"type", "boolean"}}}}}});
}

struct File {
  std::string filename;
};

absl::StatusOr<std::string> Delete(const File& file, CallContext& context) {
  if (absl::Status no = context.ContinueAsTask(); !no.ok()) return no;
  const absl::StatusOr<Json> answer = context.Ask(Confirm("confirm", "Delete " + file.filename + "?"));
  if (!answer.ok()) return answer.status();
  return "Asked about " + file.filename + ": " + StringOr(*answer, "action", "");
}

absl::StatusOr<std::string> AskTwoAtOnce(const NoArguments&, CallContext& context) {
  if (absl::Status no = context.ContinueAsTask(); !no.ok()) return no;
  const InputRequest questions[] = {Confirm("first", "The first?"), Confirm("second", "The second?")};
  const absl::StatusOr<std::vector<Json>> answers = context.AskAll(questions);
  if (!answers.ok()) return answers.status();
  return "Both answered";
}

absl::StatusOr<std::string> AskThenGoOn(const NoArguments&, CallContext& context) {
  const Json schema = {
      {"type", "object"}, {"properties", {{"name", {{"type", "string"}}}}}, {"required", {"name"}}};
  const absl::StatusOr<Json> answer =
      context.Ask(InputRequest::Form("user_name", "What is your name?", schema));
  if (!answer.ok()) return answer.status();
  context.ContinueAsTask().IgnoreError();
  const Json* content = FindObject(*answer, "content");
  return "Hello, " + (content == nullptr ? "whoever you are" : StringOr(*content, "name", "")) + "!";
}

}  // namespace

absl::Status AddTasks(Registry& registry) {
  absl::Status added =
      registry.Add(MakeFixtureTool("slow_compute", "Takes its time.",
                                   Schema<Computation>()
                                       .Field("seconds", &Computation::seconds, "How long")
                                       .Between(0, 600)
                                       .Field("label", &Computation::label, "What to call it"),
                                   Compute));
  added.Update(registry.Add(MakeFixtureTool("failing_job", "A task that ends with an error result.", Fail)));
  added.Update(registry.Add(MakeFixtureTool("protocol_error_job", "A task that fails.", Break)));
  added.Update(
      registry.Add(MakeFixtureTool("confirm_delete", "A task that asks first.",
                                   Schema<File>().Field("filename", &File::filename, "Which"), Delete)));
  added.Update(
      registry.Add(MakeFixtureTool("multi_input", "A task that asks two things at once.", AskTwoAtOnce)));
  added.Update(
      registry.Add(MakeFixtureTool("test_tool_with_task", "Asks, and goes on as a task.", AskThenGoOn)));
  return added;
}

}  // namespace mcpgate::conformance
