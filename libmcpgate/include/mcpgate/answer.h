// File: answer.h
#pragma once

#include <string>

#include "mcpgate/clock.h"

namespace mcpgate {

/// What a server says to one message. All but `message` matters to HTTP only.
struct ServerAnswer {
  std::string message{};  ///< one JSON-RPC message without line end; empty: nothing to say
  int http_status = 200;
  Nanos retry_after{0};      ///< when to try again, after a refusal that says so; else 0
  std::string session_id{};  ///< a session that this answer opens (`Mcp-Session-Id`); else empty
};

}  // namespace mcpgate
