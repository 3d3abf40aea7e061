// File: protocol/tool_result.h
//
// A tool's result in the words of one revision.
#pragma once

#include <string>

#include "mcpgate/tool.h"
#include "protocol/revision.h"

namespace mcpgate {

/// The members of the result object as JSON text without braces. What an older revision does not know is left
/// out or turned into text: `structuredContent` before 2025-06-18, structured values other than objects
/// before 2026-07-28, `resource_link` content before 2025-06-18.
std::string ToolResultMembers(const ToolResult& result, Revision revision);

/// One content block in the words of the revision.
Json ContentFor(const Json& block, Revision revision);

}  // namespace mcpgate
