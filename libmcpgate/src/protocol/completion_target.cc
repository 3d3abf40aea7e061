#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "protocol/target.h"

namespace mcpgate {
namespace {

constexpr std::size_t kMaxValues = 100;

struct Question {
  std::string argument, value;
  std::map<std::string, std::string, std::less<>> known;
};

class CompletionTarget final : public Target {
 public:
  CompletionTarget(std::shared_ptr<const CatalogEntry> entry, const CompletionHandler& complete,
                   Question question)
      : entry_(std::move(entry)), complete_(complete), question_(std::move(question)) {}

  const CatalogEntry& entry() const override { return *entry_; }
  RunOn run_on() const override { return RunOn::kInline; }
  std::string arguments_text() const override { return DumpJson({question_.argument, question_.value}); }

  absl::StatusOr<Finished> Run(CallContext& context, Revision) override {
    Completion completion;
    if (complete_) {
      absl::StatusOr<Completion> made = complete_({.argument = question_.argument,
                                                   .value = question_.value,
                                                   .known = question_.known,
                                                   .principal = context.principal()});
      if (!made.ok()) return made.status();
      completion = *std::move(made);
    }
    if (completion.values.size() > kMaxValues) {
      if (!completion.total) completion.total = static_cast<std::int64_t>(completion.values.size());
      completion.values.resize(kMaxValues);
      completion.has_more = true;
    }
    Json told = {{"values", completion.values}, {"hasMore", completion.has_more}};
    if (completion.total) told["total"] = *completion.total;
    return Finished{.members = R"("completion":)" + DumpJson(told), .outcome = {}};
  }

  std::variant<std::string, Rejection> Failure(const absl::Status& status, Revision) const override {
    return Rejection(ErrorCode::kInvalidParams, std::string(status.message()));
  }

 private:
  const std::shared_ptr<const CatalogEntry> entry_;
  const CompletionHandler& complete_;  // of the entry
  const Question question_;
};

std::variant<Question, Rejection> ReadQuestion(const Json& params) {
  const Json* argument = FindObject(params, "argument");
  const std::string* name = argument == nullptr ? nullptr : FindString(*argument, "name");
  const std::string* value = argument == nullptr ? nullptr : FindString(*argument, "value");
  if (name == nullptr || value == nullptr) {
    return Rejection(ErrorCode::kInvalidParams, "params.argument must have the strings name and value");
  }
  Question question{.argument = *name, .value = *value, .known = {}};
  const Json* context = FindObject(params, "context");
  const Json* known = context == nullptr ? nullptr : FindObject(*context, "arguments");
  if (known == nullptr) return question;
  for (const auto& [key, text] : known->items()) {
    if (text.is_string()) question.known.emplace(key, text.get<std::string>());
  }
  return question;
}

Rejection NoSuchArgument(const std::string& name) {
  return {ErrorCode::kInvalidParams,
          fmt::format("there is no argument '{}' to complete", name.substr(0, 100))};
}

}  // namespace

std::variant<std::unique_ptr<Target>, Rejection> FindCompletion(const Catalog& catalog, Request& request) {
  auto read = ReadQuestion(request.params);
  if (auto* bad = std::get_if<Rejection>(&read)) return std::move(*bad);
  Question& question = std::get<Question>(read);
  const Json* ref = FindObject(request.params, "ref");
  const std::string type = ref == nullptr ? "" : StringOr(*ref, "type", "");
  if (type == "ref/prompt") {
    if (auto prompt = catalog.prompts.Find(StringOr(*ref, "name", ""))) {
      if (!prompt->Declares(question.argument)) return NoSuchArgument(question.argument);
      return std::make_unique<CompletionTarget>(prompt, prompt->prompt().complete, std::move(question));
    }
  } else if (type == "ref/resource") {
    if (auto found = catalog.templates.Find(StringOr(*ref, "uri", ""))) {
      const auto& names = found->uri().names();
      if (std::find(names.begin(), names.end(), question.argument) == names.end()) {
        return NoSuchArgument(question.argument);
      }
      return std::make_unique<CompletionTarget>(found, found->resource_template().complete,
                                                std::move(question));
    }
  }
  return Rejection(ErrorCode::kInvalidParams, "params.ref names no prompt and no resource template");
}

}  // namespace mcpgate
