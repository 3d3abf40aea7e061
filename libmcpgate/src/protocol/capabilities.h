// File: protocol/capabilities.h
//
// What a client says it can do.
#pragma once

#include <optional>

#include "absl/status/status.h"
#include "mcpgate/call_context.h"
#include "mcpgate/json.h"
#include "protocol/revision.h"

namespace mcpgate {

/// Whether a client with these capabilities can answer the question, in words its revision has.
bool CanAnswer(const Json& capabilities, Revision revision, const InputRequest& request);
/// The capabilities that the question needs, in the shape of a ClientCapabilities object.
Json RequiredCapabilities(const InputRequest& request);

inline constexpr char kTasksExtension[] = "io.modelcontextprotocol/tasks";
/// Whether the client has declared the tasks extension.
bool KnowsTasks(const Json& capabilities);
Json TasksCapability();

/// FailedPrecondition that names the capabilities a client must declare.
absl::Status MissingCapability(const Json& required);
/// What such a status names; nullopt for any other.
std::optional<Json> MissingCapabilityOf(const absl::Status& status);

}  // namespace mcpgate
