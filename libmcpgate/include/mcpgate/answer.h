// File: answer.h
//
// What a server says, and where it says it.
#pragma once

#include <cstdint>
#include <string>

#include "mcpgate/clock.h"
#include "mcpgate/export.h"

namespace mcpgate {

/// The limit that refused a call, or of those that let it pass the one with the smallest share left
/// (draft-ietf-httpapi-ratelimit-headers).
struct RulingLimit {
  std::string name{};  ///< empty: none did
  std::int64_t limit = 0;
  Nanos window{0};
  std::int64_t remaining = 0;
};

/// What a server says to one message. All but `message` matters to HTTP only.
struct ServerAnswer {
  std::string message{};  ///< one JSON-RPC message without line end; empty: nothing to say
  int http_status = 200;
  int error_code = 0;  ///< of a JSON-RPC error; 0: a result, or nothing to say
  RulingLimit limit{};
  Nanos retry_after{0};      ///< when to try again, after a refusal that says so; else 0
  std::string session_id{};  ///< a session that this answer opens (`Mcp-Session-Id`); else empty
};

/// ReplySink
///
/// Where a transport takes what the server says about one message. May be called from another thread than
/// Handle's; `Notify` never after `Finish`.
class MCPGATE_EXPORT ReplySink {
 public:
  virtual ~ReplySink() = default;
  /// A message that comes before the answer: progress, a log message, a question of the 2025 era, an event of
  /// a subscription. False when it cannot be delivered any more. Never waits.
  virtual bool Notify(std::string message) = 0;
  /// The answer, exactly once; empty when there is nothing to say (a notification, a cancelled call).
  virtual void Finish(ServerAnswer answer) = 0;
};

}  // namespace mcpgate
