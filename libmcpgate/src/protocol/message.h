// File: protocol/message.h
//
// JSON-RPC 2.0 as MCP uses it: what an envelope has, and the writing of one. envelope.h reads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mcpgate/answer.h"
#include "mcpgate/clock.h"
#include "mcpgate/json.h"

namespace mcpgate {

/// JSON-RPC and MCP error codes (specification 2026-07-28, "Error codes").
enum class ErrorCode : std::int32_t {
  kParseError = -32700,
  kInvalidRequest = -32600,
  kMethodNotFound = -32601,
  kInvalidParams = -32602,
  kInternalError = -32603,
  kResourceNotFound = -32002,  ///< 2025 only; later kInvalidParams
  kHeaderMismatch = -32020,
  kMissingCapability = -32021,
  kUnsupportedVersion = -32022,
};

/// An error answer. `id` is null when it could not be read; then the member is left out, for MCP knows no
/// null id.
struct Rejection {
  std::int32_t code = 0;
  std::string message;
  Json data;  ///< null: none
  Json id;
  int http_status = 0;  ///< 0: what the code says
  RulingLimit limit{};
  Nanos retry_after{0};

  Rejection(ErrorCode error, std::string text, Json extra = nullptr)
      : code(static_cast<std::int32_t>(error)), message(std::move(text)), data(std::move(extra)) {}
  Rejection(std::int32_t error, std::string text, Json extra)
      : code(error), message(std::move(text)), data(std::move(extra)) {}
};

inline constexpr char kVersionKey[] = "io.modelcontextprotocol/protocolVersion";
inline constexpr char kCapabilitiesKey[] = "io.modelcontextprotocol/clientCapabilities";
inline constexpr char kLogLevelKey[] = "io.modelcontextprotocol/logLevel";

/// What `params._meta` says to the protocol, as it was sent; nullopt where it says nothing. Its other members
/// are not kept.
struct RequestMeta {
  enum class Shape { kAbsent, kObject, kWrong };
  Shape shape = Shape::kAbsent;
  std::optional<Json> version;         ///< kVersionKey
  std::optional<Json> capabilities;    ///< kCapabilitiesKey
  std::optional<Json> log_level;       ///< kLogLevelKey
  std::optional<Json> progress_token;  ///< "progressToken"
  std::optional<Json> trace_parent;    ///< "traceparent"
};

/// One envelope.
struct Message {
  enum class Kind { kRequest, kNotification, kResponse };
  Kind kind = Kind::kRequest;
  Json id;  ///< string or integer; null for a notification
  std::string method;
  Json params;  ///< object without `_meta`; empty when the member was absent
  RequestMeta meta;
  bool has_params = false;
  Json result;  ///< of a response; null when it is an error
  Json error;   ///< of a response; null when it is a result
};

/// Whether `id` may identify a request: a string, or an integer of 64 bits.
bool IsValidId(const Json& id);

/// Appends {"jsonrpc":"2.0","id":<id>,"result": to which the result and a brace belong.
void BeginResult(std::string& text, const Json& id);
/// {"jsonrpc":"2.0","id":<id>,"result":<result>}; `result` is JSON text.
std::string ResultMessage(const Json& id, std::string_view result);
std::string ErrorMessage(const Rejection& rejection);
/// {"jsonrpc":"2.0","id":<id>,"method":<method>,"params":<params>}: a question to a client of the 2025 era.
std::string RequestMessage(std::string_view id, std::string_view method, std::string_view params);
/// {"jsonrpc":"2.0","method":<method>,"params":<params>}; `params` is JSON text.
std::string NotificationMessage(std::string_view method, std::string_view params);

}  // namespace mcpgate
