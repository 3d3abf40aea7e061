// File: protocol/request.h
//
// A request whose era is decided and whose metadata is read.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "mcpgate/json.h"
#include "protocol/message.h"
#include "protocol/revision.h"

namespace mcpgate {

struct Request {
  Json id;
  std::string method;
  Json params;
  Revision revision = kNewestLegacy;
  Json progress_token;  ///< string or integer; null: no progress wanted
};

/// Whether the message claims a revision in `params._meta`: the one sign of the modern era
/// (basic/versioning).
bool ClaimsRevision(const Message& message);

/// Decides the era of a request message and checks its metadata. `legacy` is what claimless requests are read
/// as.
std::variant<Request, Rejection> ReadRequest(Message message, Revision legacy);

}  // namespace mcpgate
