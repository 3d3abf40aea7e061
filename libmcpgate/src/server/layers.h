// File: server/layers.h
//
// The middleware around one request.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "mcpgate/middleware.h"
#include "protocol/request.h"

namespace mcpgate {

using Layers = std::vector<std::shared_ptr<Middleware>>;

/// A request that went in through the layers.
struct Entered {
  /// Takes the answer out through the layers that let the request in, the innermost first, to the client.
  std::shared_ptr<ReplySink> reply;
  std::optional<Refusal> refusal;  ///< of the layer at which it stopped
};

/// `layers` and `clock` outlive the reply.
Entered Enter(const Layers& layers, const Request& request, const Credentials& credentials,
              std::shared_ptr<ReplySink> reply, const Clock& clock);

}  // namespace mcpgate
