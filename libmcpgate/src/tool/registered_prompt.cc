#include "tool/registered_prompt.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace mcpgate {
namespace {

absl::Status Wrong(const Prompt& prompt, std::string_view what) {
  return absl::InvalidArgumentError(fmt::format("prompt \"{}\": {}", prompt.name, what));
}

absl::Status CheckDeclaration(const Prompt& prompt) {
  if (absl::Status name = CheckEntryName("prompt", prompt.name); !name.ok()) return name;
  if (!prompt.handler) return Wrong(prompt, "has no handler");
  std::set<std::string_view> names;
  for (const PromptArgument& argument : prompt.arguments) {
    if (argument.name.empty()) return Wrong(prompt, "an argument has no name");
    if (!names.insert(argument.name).second) {
      return Wrong(prompt, fmt::format("two arguments are named \"{}\"", argument.name));
    }
  }
  return absl::OkStatus();
}

std::string ListingOf(const Prompt& prompt, ListingForm form) {
  Json entry = {{"name", prompt.name}};
  AddTexts(entry, form, prompt.title, prompt.description);
  AddIcons(entry, form, prompt.icons);
  for (const PromptArgument& argument : prompt.arguments) {
    Json listed = {{"name", argument.name}, {"required", argument.required}};
    AddTexts(listed, form, argument.title, argument.description);
    entry["arguments"].push_back(std::move(listed));
  }
  return DumpJson(entry);
}

}  // namespace

PromptResult& PromptResult::User(Json content) {
  messages.push_back({{"role", "user"}, {"content", std::move(content)}});
  return *this;
}

PromptResult& PromptResult::Assistant(Json content) {
  messages.push_back({{"role", "assistant"}, {"content", std::move(content)}});
  return *this;
}

absl::StatusOr<std::shared_ptr<const RegisteredPrompt>> RegisteredPrompt::New(Prompt prompt) {
  if (absl::Status bad = CheckDeclaration(prompt); !bad.ok()) return bad;
  std::shared_ptr<RegisteredPrompt> made(new RegisteredPrompt());
  for (const ListingForm form : kListingForms) {
    made->listings_[static_cast<std::size_t>(form)] = ListingOf(prompt, form);
  }
  made->key_ = prompt.name;
  made->action_ = "prompts/" + prompt.name;
  made->role_ = prompt.role;
  made->prompt_ = std::move(prompt);
  return std::shared_ptr<const RegisteredPrompt>(std::move(made));
}

bool RegisteredPrompt::Declares(std::string_view argument) const {
  return std::any_of(prompt_.arguments.begin(), prompt_.arguments.end(),
                     [argument](const PromptArgument& each) { return each.name == argument; });
}

}  // namespace mcpgate
