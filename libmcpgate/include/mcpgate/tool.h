// File: tool.h
//
// A tool: what a client can call. Two levels: `MakeTool` (schema.h) takes a struct and a function of it; the
// raw level here takes JSON and a hand-written schema.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/call_context.h"
#include "mcpgate/content.h"
#include "mcpgate/export.h"
#include "mcpgate/json.h"
#include "mcpgate/principal.h"

namespace mcpgate {

/// What a call answers. Text for the model; `structured` for programs, checked against the tool's output
/// schema.
struct ToolResult {
  Json content = Json::array();  ///< MCP content blocks
  std::optional<Json> structured{};
  bool is_error = false;
  /// Declared fit for the audit trail: ids of what was made or touched. Never argument text.
  std::vector<std::pair<std::string, std::string>> audit_fields{};
  /// The effect certainly did not happen (it failed before, or was only rehearsed), so its limit units are
  /// given back.
  bool nothing_happened = false;
  /// With is_error: the effect may or may not have happened; recorded as "unknown".
  bool outcome_unknown = false;

  static MCPGATE_EXPORT ToolResult Text(std::string text);
  /// `value` as structured content, and its text as content for clients that read only text.
  static MCPGATE_EXPORT ToolResult Structured(Json value);
  static MCPGATE_EXPORT ToolResult Error(std::string text);
};

/// Hints for clients, as MCP defines them. The gate reads `read_only`: a tool without it is an effect.
struct ToolAnnotations {
  bool read_only = false;
  bool destructive = true;
  bool idempotent = false;
  bool open_world = true;
};

/// Arguments are valid against the input schema when a handler sees them. A Status becomes a result with
/// `isError` and its message; a Refusal from `Authorize` becomes a JSON-RPC error.
using ToolHandler = std::function<absl::StatusOr<ToolResult>(const Json& arguments, CallContext& context)>;

struct Tool {
  std::string name{};  ///< 1 to 128 of [A-Za-z0-9_.-], unique in a registry
  std::string title{};
  std::string description{};
  Json input_schema = {{"type", "object"}, {"additionalProperties", false}};
  std::optional<Json> output_schema{};
  ToolAnnotations annotations{};
  Json icons{};               ///< array as MCP defines it; null: none
  Json meta{};                ///< the list entry's _meta, an object; null: none
  Role role = Role::kAdmin;   ///< the lowest role that may call it; admin unless said otherwise
  std::string limit_class{};  ///< "posting" brings the posting limits
  RunOn run_on = RunOn::kPool;
  /// Names of string arguments whose values may stand in the audit trail ("channel_id").
  std::vector<std::string> audit_arguments{};
  ToolHandler handler{};
  absl::Status problem{};  ///< a mistake that MakeTool met; Registry::Add returns it
};

}  // namespace mcpgate
