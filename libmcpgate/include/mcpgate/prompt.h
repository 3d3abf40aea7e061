// File: prompt.h
//
// A prompt: messages a person can start a conversation with.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "mcpgate/call_context.h"
#include "mcpgate/completion.h"
#include "mcpgate/export.h"
#include "mcpgate/json.h"
#include "mcpgate/principal.h"

namespace mcpgate {

struct PromptArgument {
  std::string name{};
  std::string title{};
  std::string description{};
  bool required = false;
};

struct PromptResult {
  Json messages = Json::array();  ///< of {"role": "user"|"assistant", "content": a content block}
  std::string description{};

  PromptResult& User(Json content);
  PromptResult& Assistant(Json content);
};

using PromptArguments = std::map<std::string, std::string, std::less<>>;
/// Required arguments are there and no unknown ones when a handler sees them. InvalidArgument tells the
/// client what is wrong with a value.
using PromptHandler =
    std::function<absl::StatusOr<PromptResult>(const PromptArguments& arguments, CallContext& context)>;

struct Prompt {
  std::string name{};  ///< 1 to 128 of [A-Za-z0-9_.-], unique among prompts
  std::string title{};
  std::string description{};
  std::vector<PromptArgument> arguments{};
  Json icons{};              ///< array as MCP defines it; null: none
  Role role = Role::kAdmin;  ///< the lowest role that may use it. Rules speak of it as "prompts/<name>"
  RunOn run_on = RunOn::kInline;
  PromptHandler handler{};
  CompletionHandler complete{};  ///< may be empty
};

}  // namespace mcpgate
