// File: tool/param_headers.h
//
// `x-mcp-header`: arguments that an HTTP client repeats in a header, so that what stands between can route on
// them (2026-07-28, transports, "Custom headers from tool parameters").
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "mcpgate/export.h"
#include "mcpgate/json.h"

namespace mcpgate {

struct ParamHeader {
  enum class Type { kString, kInteger, kBoolean };
  std::string header;             ///< "Mcp-Param-Region"
  std::vector<std::string> path;  ///< names of nested properties, from the root
  Type type = Type::kString;
};

/// InvalidArgument when one is misplaced, no token, used twice or on another type than string, integer or
/// boolean: clients would hide the tool.
MCPGATE_EXPORT absl::StatusOr<std::vector<ParamHeader>> FindParamHeaders(const Json& input_schema);

/// The argument a header repeats; nullptr when it is absent or null.
MCPGATE_EXPORT const Json* FindArgument(const ParamHeader& header, const Json& arguments);

}  // namespace mcpgate
