// File: protocol/dispatch.h
//
// From a request to its answer: one row a method.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "protocol/message.h"
#include "protocol/request.h"
#include "protocol/surroundings.h"
#include "protocol/tool_call.h"

namespace mcpgate {

/// What became of a request: a finished message, or a call to run.
struct Dispatched {
  std::variant<std::string, std::unique_ptr<ToolCall>> answer;
  std::optional<Revision> settled;  ///< initialize settled this revision for the session
};

Dispatched Dispatch(const Surroundings& around, Request request, const Credentials& credentials);

}  // namespace mcpgate
