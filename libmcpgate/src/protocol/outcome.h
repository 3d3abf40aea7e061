// File: protocol/outcome.h
//
// The one table from Status to what the wire says.
#pragma once

#include "absl/status/status.h"
#include "mcpgate/answer.h"
#include "mcpgate/gate.h"
#include "mcpgate/tool.h"
#include "protocol/message.h"
#include "protocol/revision.h"

namespace mcpgate {

/// The error answer for a Status that no tool result can carry: a gate's refusal keeps its code and its data,
/// anything else is an internal error whose text stays inside.
Rejection RejectionFor(const absl::Status& status);

/// The error as an answer, with the HTTP status that carries it.
ServerAnswer ErrorAnswer(const Rejection& rejection, Revision revision);

/// How an answered call is written to the trail.
Outcome OutcomeFor(const ToolResult& result);
Outcome OutcomeFor(const absl::Status& failure);

}  // namespace mcpgate
