// File: server/asking.h
//
// Questions to a client of the 2025 era, on the stream of the call that asks.
#pragma once

#include <atomic>
#include <memory>

#include "mcpgate/server.h"
#include "protocol/peer.h"
#include "server/session.h"

namespace mcpgate {

/// How many calls may wait for their clients at once: each holds a thread. Safe for concurrent use.
struct AskingLimit {
  const std::size_t most;
  const Nanos patience;
  std::atomic<std::size_t> now{0};
};

/// `limit` outlives the peer.
std::shared_ptr<Peer> NewPeer(std::shared_ptr<Session> session, std::shared_ptr<ReplySink> stream,
                              AskingLimit& limit);

}  // namespace mcpgate
