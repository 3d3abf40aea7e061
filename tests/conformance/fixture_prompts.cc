#include <string>
#include <string_view>
#include <utility>

#include "fixture.h"
#include "mcpgate/content.h"
#include "media.h"

namespace mcpgate::conformance {
namespace {

constexpr std::string_view kWords[] = {"paris", "park", "party", "test", "testValue1"};

absl::StatusOr<Completion> CompleteWord(const CompletionRequest& request) {
  Completion found;
  for (const std::string_view word : kWords) {
    if (word.starts_with(request.value)) found.values.emplace_back(word);
  }
  return found;
}

/// The library has seen to it that required arguments are there.
std::string Argument(const PromptArguments& arguments, std::string_view name) {
  const auto found = arguments.find(name);
  return found == arguments.end() ? std::string() : found->second;
}

absl::StatusOr<PromptResult> Simple(const PromptArguments&, CallContext&) {
  return PromptResult().User(TextContent("This is a simple prompt for testing."));
}

absl::StatusOr<PromptResult> WithArguments(const PromptArguments& arguments, CallContext&) {
  return PromptResult().User(TextContent("Prompt with arguments: arg1='" + Argument(arguments, "arg1") +
                                         "', arg2='" + Argument(arguments, "arg2") + "'"));
}

absl::StatusOr<PromptResult> WithResource(const PromptArguments& arguments, CallContext&) {
  return PromptResult()
      .User(EmbeddedText(Argument(arguments, "resourceUri"), "text/plain",
                         "Embedded resource content for testing."))
      .User(TextContent("Please process the embedded resource above."));
}

absl::StatusOr<PromptResult> WithImage(const PromptArguments&, CallContext&) {
  return PromptResult()
      .User(ImageContent(RedPixel(), "image/png"))
      .User(TextContent("Please analyze the image above."));
}

absl::StatusOr<PromptResult> AskContext(const PromptArguments&, CallContext& context) {
  const Json schema = {
      {"type", "object"}, {"properties", {{"context", {{"type", "string"}}}}}, {"required", {"context"}}};
  const absl::StatusOr<Json> answer =
      context.Ask(InputRequest::Form("user_context", "What context should the prompt use?", schema));
  if (!answer.ok()) return answer.status();
  const Json* content = FindObject(*answer, "content");
  const std::string given = content == nullptr ? "none" : StringOr(*content, "context", "none");
  return PromptResult().User(TextContent("Use this context: " + given));
}

}  // namespace

absl::Status AddPrompts(Registry& registry) {
  absl::Status added = registry.Add(Prompt{.name = "test_simple_prompt",
                                           .description = "A prompt without arguments.",
                                           .role = Role::kReader,
                                           .handler = Simple});
  added.Update(registry.Add(Prompt{.name = "test_prompt_with_arguments",
                                   .description = "A prompt of two arguments.",
                                   .arguments = {{.name = "arg1", .description = "First", .required = true},
                                                 {.name = "arg2", .description = "Second", .required = true}},
                                   .role = Role::kReader,
                                   .handler = WithArguments,
                                   .complete = CompleteWord}));
  added.Update(registry.Add(
      Prompt{.name = "test_prompt_with_embedded_resource",
             .description = "A prompt with a resource inside.",
             .arguments = {{.name = "resourceUri", .description = "Its address", .required = true}},
             .role = Role::kReader,
             .handler = WithResource}));
  added.Update(registry.Add(Prompt{.name = "test_prompt_with_image",
                                   .description = "A prompt with a picture.",
                                   .role = Role::kReader,
                                   .handler = WithImage}));
  added.Update(registry.Add(Prompt{.name = "test_input_required_result_prompt",
                                   .description = "A prompt that needs an answer first.",
                                   .role = Role::kReader,
                                   .run_on = RunOn::kPool,  // it may wait for a client of the 2025 era
                                   .handler = AskContext}));
  return added;
}

}  // namespace mcpgate::conformance
