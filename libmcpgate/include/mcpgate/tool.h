// File: tool.h
//
// A tool: what a client can call. Two levels: `MakeTool` (schema.h) takes a struct and a function of it; the
// raw level here takes JSON and a hand-written schema.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/clock.h"
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

/// CallContext
///
/// What a running call may know and do beside its arguments. Safe for concurrent use during the call; not
/// after it.
class MCPGATE_EXPORT CallContext {
 public:
  virtual ~CallContext() = default;
  virtual const Principal& principal() const = 0;
  /// The audit trail's id of this call; unique among all processes and restarts.
  virtual const std::string& call_id() const = 0;
  /// Requested when the client cancels, the connection ends or the deadline passes. Handlers that wait must
  /// watch it.
  virtual std::stop_token stop_token() const = 0;
  /// On Clock::Steady().
  virtual Nanos deadline() const = 0;
  /// Tells the client how far the call is, when it asked to know. `progress` must rise; other reports are
  /// dropped.
  virtual void Progress(double progress, std::optional<double> total = std::nullopt,
                        std::string_view message = {}) = 0;
  /// Whether the key's resources cover `resource`; silent, for filtering.
  virtual bool Permits(std::string_view resource) const = 0;
  /// The same decision for an act; PermissionDenied when not covered, and recorded. Return it from the
  /// handler.
  virtual absl::Status Authorize(std::string_view resource) = 0;
  /// The caller's limits as they stand, for this tool's class or another.
  virtual absl::StatusOr<Json> LimitStandings(std::string_view limit_class) const = 0;
};

/// Hints for clients, as MCP defines them. The gate reads `read_only`: a tool without it is an effect.
struct ToolAnnotations {
  bool read_only = false;
  bool destructive = true;
  bool idempotent = false;
  bool open_world = true;
};

/// Where a handler runs: on the thread that read the request (CPU only, microseconds), or on the bounded
/// pool.
enum class RunOn { kInline, kPool };

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
  Role role = Role::kAdmin;   ///< the lowest role that may call it; admin unless said otherwise
  std::string limit_class{};  ///< "posting" brings the posting limits
  RunOn run_on = RunOn::kPool;
  /// Names of string arguments whose values may stand in the audit trail ("channel_id").
  std::vector<std::string> audit_arguments{};
  ToolHandler handler{};
  absl::Status problem{};  ///< a mistake that MakeTool met; Registry::Add returns it
};

}  // namespace mcpgate
