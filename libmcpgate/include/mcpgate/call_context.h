// File: call_context.h
//
// What a running call may know and do beside its arguments; the same for tools, prompts and resources.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/clock.h"
#include "mcpgate/export.h"
#include "mcpgate/json.h"
#include "mcpgate/principal.h"

namespace mcpgate {

/// RFC 5424 severities, as MCP names them.
enum class LogLevel : std::uint8_t {
  kDebug,
  kInfo,
  kNotice,
  kWarning,
  kError,
  kCritical,
  kAlert,
  kEmergency
};

/// A question to the client or the person at it. `key` names it within the call and is the same whenever the
/// handler runs again.
struct InputRequest {
  std::string key{};
  std::string method{};  ///< elicitation/create, sampling/createMessage or roots/list
  Json params = Json::object();

  /// Asks a person to fill in a form: `schema` is a flat object of strings, numbers, booleans and enums.
  /// Never for secrets. Answer: {"action": "accept"|"decline"|"cancel", "content": {...} when accepted}.
  static MCPGATE_EXPORT InputRequest Form(std::string key, std::string message, Json schema);
  /// Sends a person to an address, for what must not pass through the client. Answer: {"action": ...}.
  static MCPGATE_EXPORT InputRequest Url(std::string key, std::string message, std::string url);
  /// Asks the client's model (deprecated by MCP, still served). Answer: {"role", "content", "model", ...}.
  static MCPGATE_EXPORT InputRequest Sample(std::string key, Json params);
  /// Asks for the client's workspace folders (deprecated by MCP). Answer: {"roots": [...]}.
  static MCPGATE_EXPORT InputRequest Roots(std::string key);
};

/// How a call that goes on as a task is told to its client.
struct TaskOptions {
  Nanos ttl = std::chrono::hours(1);              ///< how long it can be asked about, from its beginning
  Nanos poll_interval = std::chrono::seconds(1);  ///< how often the client should ask
};

/// CallContext
///
/// Safe for concurrent use during the call; not after it.
class MCPGATE_EXPORT CallContext {
 public:
  virtual ~CallContext() = default;
  virtual const Principal& principal() const = 0;
  /// The audit trail's id of this call; unique among all processes and restarts.
  virtual const std::string& call_id() const = 0;
  /// The caller's W3C `traceparent` (`_meta.traceparent`), to be passed on; empty when there is none.
  virtual std::string_view trace_parent() const { return {}; }
  /// Requested when the client cancels, the connection ends or the deadline passes. Handlers that wait must
  /// watch it.
  virtual std::stop_token stop_token() const = 0;
  /// On Clock::Steady(). Later after a question, whose time does not count.
  virtual Nanos deadline() const = 0;
  /// Tells the client how far the call is, when it asked to know. `progress` must rise; other reports are
  /// dropped.
  virtual void Progress(double progress, std::optional<double> total = std::nullopt,
                        std::string_view message = {}) = 0;
  /// Tells the client what happens, when it asked for messages of that level. Never secrets.
  virtual void Log(LogLevel level, Json data, std::string_view logger = {});
  /// Whether the key's resources cover `resource`; silent, for filtering.
  virtual bool Permits(std::string_view resource) const = 0;
  /// The same decision for an act; PermissionDenied when not covered, and recorded. Return it from the
  /// handler.
  virtual absl::Status Authorize(std::string_view resource) = 0;
  /// The caller's limits as they stand, for this call's class or another.
  virtual absl::StatusOr<Json> LimitStandings(std::string_view limit_class) const = 0;

  /// Whether the client has declared that it can answer such a question.
  virtual bool CanAsk(const InputRequest& request) const;
  /// Asks, and returns the answers in the order of `requests`. Return the status when there is none:
  ///
  ///   absl::StatusOr<Json> name = context.Ask(InputRequest::Form("name", "Who are you?", schema));
  ///   if (!name.ok()) return name.status();
  ///
  /// In the 2025 era the question goes out on the call's own stream and the handler waits for its answer. In
  /// the 2026 era the call ends here with the question, and the client calls again with the answer: the
  /// handler runs from its beginning, and this returns at once. So nothing with an effect may come before a
  /// question. Answers of earlier rounds come back too, sealed in the request state. FailedPrecondition: the
  /// client cannot answer it; the call then tells which capability is missing.
  virtual absl::StatusOr<std::vector<Json>> AskAll(std::span<const InputRequest> requests);
  absl::StatusOr<Json> Ask(const InputRequest& request);

  /// Lets the call go on as a task: the client gets its id now and the result when it asks for it
  /// (2026-07-28, extension io.modelcontextprotocol/tasks). OK: from here on there is no deadline but the
  /// task's, Progress and Log are silent, and a question waits for its answer like one of the 2025 era.
  /// Waits until the task's record is kept. FailedPrecondition: the client has not declared the extension;
  /// return it when the tool can only be a task, else go on as if nothing had been asked. ResourceExhausted:
  /// too many tasks run or are kept. Unavailable: tasks cannot be kept now. Ask before it what must be known
  /// to begin.
  virtual absl::Status ContinueAsTask(const TaskOptions& options = {});
};

/// Where a handler runs: on the thread that read the request (CPU only, microseconds; may not ask a client of
/// the 2025 era), or on the bounded pool.
enum class RunOn { kInline, kPool };

}  // namespace mcpgate
