// File: protocol/peer.h
//
// The client of a running 2025-era call, as one that can be asked.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "mcpgate/json.h"
#include "protocol/flight.h"

namespace mcpgate {

/// Peer
///
/// Safe for concurrent use.
class Peer {
 public:
  virtual ~Peer() = default;
  /// Sends a request on the call's own stream and waits for its result. Cancelled: the call is. Unavailable:
  /// too many calls wait already, or the client cannot be reached. DeadlineExceeded. Aborted: the client
  /// answered with an error, whose message it has. The waiting is added to the call's deadline.
  virtual absl::StatusOr<Json> Ask(std::string_view method, const Json& params, Flight& flight) = 0;
};

}  // namespace mcpgate
