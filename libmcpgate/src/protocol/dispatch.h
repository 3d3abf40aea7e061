// File: protocol/dispatch.h
//
// From a request to its answer: one row a method.
#pragma once

#include <optional>
#include <string>

#include "protocol/message.h"
#include "protocol/request.h"
#include "protocol/surroundings.h"

namespace mcpgate {

/// What became of a request.
struct Dispatched {
  std::string answer;               ///< one message
  std::optional<Revision> settled;  ///< initialize settled this revision for the session
};

/// Answers every method but tools/call, which AdmitToolCall takes.
Dispatched Dispatch(const Surroundings& around, Request request, const Credentials& credentials);

}  // namespace mcpgate
