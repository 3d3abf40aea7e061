// File: server/asking.h
//
// Questions to a client of the 2025 era, on the stream of the call that asks.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>

#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "mcpgate/gate.h"
#include "mcpgate/server.h"
#include "protocol/peer.h"
#include "server/session.h"

namespace mcpgate {

/// AskingLimit
///
/// How many calls may wait for their clients at once: each holds a thread, so that no key may hold them all.
/// Safe for concurrent use.
class AskingLimit {
 public:
  struct Options {
    std::size_t most;    ///< of the whole server
    std::size_t of_key;  ///< of one key family
    Nanos patience;
  };
  AskingLimit(const Options& options, Gate& gate) : options_(options), gate_(gate) {}

  Nanos patience() const { return options_.patience; }
  /// A place until it is dropped, at the latest before the limit is. Unavailable: there is none. Else why the
  /// key is not accepted.
  absl::StatusOr<std::shared_ptr<void>> Enter(const Credentials& credentials);

 private:
  void Leave(const std::string& owner);

  const Options options_;
  Gate& gate_;
  Mutex mutex_;
  std::size_t now_ MCPGATE_GUARDED_BY(mutex_) = 0;
  std::unordered_map<std::string, std::size_t> count_of_owner_ MCPGATE_GUARDED_BY(mutex_);
};

/// `limit` outlives the peer.
std::shared_ptr<Peer> NewPeer(std::shared_ptr<Session> session, std::shared_ptr<ReplySink> stream,
                              const Credentials& credentials, AskingLimit& limit);

}  // namespace mcpgate
