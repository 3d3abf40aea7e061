// File: protocol/request.h
//
// A request whose era is decided and whose metadata is read.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "mcpgate/call_context.h"
#include "mcpgate/json.h"
#include "protocol/message.h"
#include "protocol/mirror.h"
#include "protocol/revision.h"

namespace mcpgate {

/// What a 2025-era session has settled; what claimless requests are read with.
struct Settled {
  Revision revision = kNewestLegacy;
  std::shared_ptr<const Json> capabilities;  ///< of the client; never null
  std::optional<LogLevel> log_level;
};

struct Request {
  Json id;
  std::string method;
  Json params;  ///< object without `_meta`; a call takes what it keeps
  Revision revision = kNewestLegacy;
  Json progress_token;                       ///< string or integer; null: no progress wanted
  std::shared_ptr<const Json> capabilities;  ///< of the client; never null
  std::optional<LogLevel> log_level;         ///< nullopt: no log messages wanted
  std::string trace_parent;                  ///< W3C; empty: none, or malformed
  std::optional<HeaderSpan> headers;         ///< over HTTP; views, for as long as the request is read
};

/// Whether the message claims a revision in `params._meta`: the one sign of the modern era
/// (basic/versioning).
bool ClaimsRevision(const Message& message);

/// Decides the era of a request message and checks its metadata, and over HTTP the headers that repeat it.
std::variant<Request, Rejection> ReadRequest(Message message, const Settled& settled,
                                             std::optional<HeaderSpan> headers);

/// "debug" ... "emergency".
std::optional<LogLevel> ParseLogLevel(std::string_view name);
std::string_view LogLevelName(LogLevel level);

}  // namespace mcpgate
