#include <fmt/format.h>

#include <utility>

#include "protocol/target.h"
#include "protocol/tool_result.h"

namespace mcpgate {
namespace {

class PromptTarget final : public Target {
 public:
  PromptTarget(std::shared_ptr<const RegisteredPrompt> prompt, PromptArguments arguments)
      : prompt_(std::move(prompt)), arguments_(std::move(arguments)) {}

  const CatalogEntry& entry() const override { return *prompt_; }
  RunOn run_on() const override { return prompt_->prompt().run_on; }
  std::string arguments_text() const override { return DumpJson(arguments_); }

  absl::StatusOr<Finished> Run(CallContext& context, Revision revision) override {
    absl::StatusOr<PromptResult> result = prompt_->prompt().handler(arguments_, context);
    if (!result.ok()) return result.status();
    Json messages = std::move(result->messages);
    for (Json& message : messages) {
      if (message.contains("content")) message["content"] = ContentFor(message["content"], revision);
    }
    Finished finished;
    finished.members = R"("messages":)" + DumpJson(messages);
    if (!result->description.empty())
      finished.members += R"(,"description":)" + DumpJson(result->description);
    return finished;
  }

  std::variant<std::string, Rejection> Failure(const absl::Status& status, Revision) const override {
    return Rejection(absl::IsInvalidArgument(status) ? ErrorCode::kInvalidParams : ErrorCode::kInternalError,
                     std::string(status.message()));
  }

 private:
  const std::shared_ptr<const RegisteredPrompt> prompt_;
  const PromptArguments arguments_;
};

std::variant<PromptArguments, Rejection> ReadArguments(const RegisteredPrompt& prompt, const Json& params) {
  PromptArguments arguments;
  if (const Json* given = FindMember(params, "arguments")) {
    if (!given->is_object())
      return Rejection(ErrorCode::kInvalidParams, "params.arguments must be an object");
    for (const auto& [name, value] : given->items()) {
      if (!prompt.Declares(name)) {
        return Rejection(ErrorCode::kInvalidParams,
                         fmt::format("this prompt has no argument '{}'", name.substr(0, 100)));
      }
      if (!value.is_string()) {
        return Rejection(ErrorCode::kInvalidParams, fmt::format("argument '{}' must be a string", name));
      }
      arguments.emplace(name, value.get<std::string>());
    }
  }
  for (const PromptArgument& argument : prompt.prompt().arguments) {
    if (argument.required && !arguments.contains(argument.name)) {
      return Rejection(ErrorCode::kInvalidParams, fmt::format("argument '{}' is required", argument.name));
    }
  }
  return arguments;
}

}  // namespace

std::variant<std::unique_ptr<Target>, Rejection> FindPrompt(const Catalog& catalog, Request& request) {
  const std::string* name = FindString(request.params, "name");
  if (name == nullptr) return Rejection(ErrorCode::kInvalidParams, "params.name must be a string");
  std::shared_ptr<const RegisteredPrompt> prompt = catalog.prompts.Find(*name);
  if (prompt == nullptr) {
    return Rejection(ErrorCode::kInvalidParams,
                     fmt::format("unknown prompt '{}'; prompts/list names them", name->substr(0, 128)));
  }
  auto arguments = ReadArguments(*prompt, request.params);
  if (auto* bad = std::get_if<Rejection>(&arguments)) return std::move(*bad);
  return std::make_unique<PromptTarget>(std::move(prompt), std::get<PromptArguments>(std::move(arguments)));
}

}  // namespace mcpgate
