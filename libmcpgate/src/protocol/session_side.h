// File: protocol/session_side.h
//
// What a 2025-era method may change of its session.
#pragma once

#include <string>

#include "mcpgate/call_context.h"
#include "protocol/request.h"

namespace mcpgate {

/// SessionSide
///
/// Safe for concurrent use.
class SessionSide {
 public:
  virtual ~SessionSide() = default;
  virtual void Settle(Settled settled) = 0;
  virtual void SetLogLevel(LogLevel level) = 0;
  /// False when the session has as many subscriptions as it may.
  virtual bool Subscribe(const std::string& uri) = 0;
  virtual void Unsubscribe(const std::string& uri) = 0;
};

}  // namespace mcpgate
