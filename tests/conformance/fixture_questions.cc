#include <string>
#include <utility>
#include <vector>

#include "fixture.h"
#include "form_fields.h"

namespace mcpgate::conformance {
namespace {

Json ObjectSchema(Json properties, std::vector<std::string> required) {
  return {{"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}};
}

InputRequest AskForText(std::string key, std::string message, const std::string& field) {
  return InputRequest::Form(std::move(key), std::move(message),
                            ObjectSchema({{field, {{"type", "string"}}}}, {field}));
}

InputRequest AskToConfirm() {
  return InputRequest::Form("confirm", "Please confirm",
                            ObjectSchema({{"ok", {{"type", "boolean"}}}}, {"ok"}));
}

InputRequest AskModel(std::string key, const std::string& prompt) {
  Json message = {{"role", "user"}, {"content", {{"type", "text"}, {"text", prompt}}}};
  return InputRequest::Sample(std::move(key),
                              {{"messages", Json::array({std::move(message)})}, {"maxTokens", 100}});
}

/// The text of a model's answer; what else it may be (a picture, several blocks) as JSON.
std::string ModelText(const Json& answer) {
  const Json* content = FindMember(answer, "content");
  if (content == nullptr) return "nothing";
  return StringOr(*content, "text", DumpJson(*content));
}

/// A field of an accepted form; empty when the person declined.
std::string FormText(const Json& answer, std::string_view field) {
  const Json* content = FindObject(answer, "content");
  return content == nullptr ? std::string() : StringOr(*content, field, "");
}

std::string FormSummary(const Json& answer) {
  const Json* content = FindObject(answer, "content");
  return "action=" + StringOr(answer, "action", "none") +
         ", content=" + (content == nullptr ? "none" : DumpJson(*content));
}

struct Prompted {
  std::string prompt;
};

absl::StatusOr<std::string> Sample(const Prompted& arguments, CallContext& context) {
  const absl::StatusOr<Json> answer = context.Ask(AskModel("sampling", arguments.prompt));
  if (!answer.ok()) return answer.status();
  return "LLM response: " + ModelText(*answer);
}

struct Addressed {
  std::string message;
};

absl::StatusOr<std::string> Elicit(const Addressed& arguments, CallContext& context) {
  const Json schema = ObjectSchema({{"username", {{"type", "string"}, {"description", "User's response"}}},
                                    {"email", {{"type", "string"}, {"description", "User's email address"}}}},
                                   {"username", "email"});
  const absl::StatusOr<Json> answer = context.Ask(InputRequest::Form("user", arguments.message, schema));
  if (!answer.ok()) return answer.status();
  return "User response: " + FormSummary(*answer);
}

/// Asks with a form of `properties`, none of them required.
auto FormTool(Json properties) {
  return [properties = std::move(properties)](const NoArguments&,
                                              CallContext& context) -> absl::StatusOr<std::string> {
    const Json schema = {{"type", "object"}, {"properties", properties}};
    const absl::StatusOr<Json> answer =
        context.Ask(InputRequest::Form("form", "Please review and update the form", schema));
    if (!answer.ok()) return answer.status();
    return "Elicitation completed: " + FormSummary(*answer);
  };
}

absl::StatusOr<std::string> AskName(const NoArguments&, CallContext& context) {
  const absl::StatusOr<Json> answer = context.Ask(AskForText("user_name", "What is your name?", "name"));
  if (!answer.ok()) return answer.status();
  const std::string name = FormText(*answer, "name");
  return name.empty() ? "Hello, whoever you are!" : "Hello, " + name + "!";
}

absl::StatusOr<std::string> AskCapital(const NoArguments&, CallContext& context) {
  const absl::StatusOr<Json> answer =
      context.Ask(AskModel("capital_question", "What is the capital of France?"));
  if (!answer.ok()) return answer.status();
  return ModelText(*answer);
}

absl::StatusOr<std::string> AskRoots(const NoArguments&, CallContext& context) {
  const absl::StatusOr<Json> answer = context.Ask(InputRequest::Roots("client_roots"));
  if (!answer.ok()) return answer.status();
  const Json* roots = FindArray(*answer, "roots");
  return "Roots: " + (roots == nullptr ? "none" : DumpJson(*roots));
}

/// What the server remembers between the rounds is the library's affair: its seal holds, or the handler does
/// not run.
absl::StatusOr<std::string> AskOk(const NoArguments&, CallContext& context) {
  const absl::StatusOr<Json> answer = context.Ask(AskToConfirm());
  if (!answer.ok()) return answer.status();
  return "state-ok: " + FormSummary(*answer);
}

std::vector<InputRequest> OneOfEach() {
  return {AskForText("user_name", "What is your name?", "name"), AskModel("greeting", "Generate a greeting"),
          InputRequest::Roots("client_roots")};
}

absl::StatusOr<std::string> AskAtOnce(const NoArguments&, CallContext& context) {
  const std::vector<InputRequest> questions = OneOfEach();
  const absl::StatusOr<std::vector<Json>> answers = context.AskAll(questions);
  if (!answers.ok()) return answers.status();
  return "All of them answered: " + DumpJson(Json(*answers));
}

absl::StatusOr<std::string> AskTwice(const NoArguments&, CallContext& context) {
  const absl::StatusOr<Json> name = context.Ask(AskForText("step1", "Step 1: What is your name?", "name"));
  if (!name.ok()) return name.status();
  const absl::StatusOr<Json> color =
      context.Ask(AskForText("step2", "Step 2: What is your favorite color?", "color"));
  if (!color.ok()) return color.status();
  return FormText(*name, "name") + " likes " + FormText(*color, "color");
}

absl::StatusOr<std::string> AskWhatCanBeAsked(const NoArguments&, CallContext& context) {
  std::vector<InputRequest> questions = OneOfEach();
  std::erase_if(questions, [&](const InputRequest& question) { return !context.CanAsk(question); });
  if (questions.empty()) return "This client cannot be asked anything.";
  const absl::StatusOr<std::vector<Json>> answers = context.AskAll(questions);
  if (!answers.ok()) return answers.status();
  return "Answered: " + DumpJson(Json(*answers));
}

absl::StatusOr<std::string> NeedSampling(const NoArguments&, CallContext& context) {
  return Sample({.prompt = "Say anything"}, context);
}

absl::Status AddElicitation(Registry& registry) {
  absl::Status added = registry.Add(MakeFixtureTool(
      "test_sampling", "Asks the client's model.",
      Schema<Prompted>().Field("prompt", &Prompted::prompt, "The prompt to send to the model"), Sample));
  added.Update(registry.Add(MakeFixtureTool(
      "test_elicitation", "Asks the person at the client.",
      Schema<Addressed>().Field("message", &Addressed::message, "The message to show"), Elicit)));
  added.Update(registry.Add(MakeFixtureTool(
      "test_elicitation_sep1034_defaults", "Asks with a form of defaults.", FormTool(FieldsWithDefaults()))));
  added.Update(registry.Add(MakeFixtureTool("test_elicitation_sep1330_enums", "Asks with a form of choices.",
                                            FormTool(FieldsWithChoices()))));
  added.Update(registry.Add(
      MakeFixtureTool("test_missing_capability", "Cannot do without the client's model.", NeedSampling)));
  added.Update(
      registry.Add(MakeFixtureTool("test_streaming_elicitation", "Asks the person at the client.", AskName)));
  return added;
}

}  // namespace

absl::Status AddQuestions(Registry& registry) {
  absl::Status added = AddElicitation(registry);
  const std::pair<const char*, absl::StatusOr<std::string> (*)(const NoArguments&, CallContext&)> rounds[] = {
      {"elicitation", AskName},       {"sampling", AskCapital},
      {"list_roots", AskRoots},       {"request_state", AskOk},
      {"multiple_inputs", AskAtOnce}, {"multi_round", AskTwice},
      {"tampered_state", AskOk},      {"capabilities", AskWhatCanBeAsked},
  };
  for (const auto& [name, handler] : rounds) {
    added.Update(registry.Add(MakeFixtureTool(std::string("test_input_required_result_") + name,
                                              "Needs an answer before it can end.", handler)));
  }
  return added;
}

}  // namespace mcpgate::conformance
