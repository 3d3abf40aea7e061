// A whole server in memory, with tools that show every way a call can go. The language of the server and
// stdio tests.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "mcpgate/server.h"
#include "support/fake_clock.h"

namespace mcpgate::testing {

/// What the server said, in order. Safe for concurrent use.
class Heard final : public ReplySink {
 public:
  bool Notify(std::string message) override {
    Add(std::move(message));
    return true;
  }
  void Finish(ServerAnswer answer) override;

  /// The next message, waiting for it; "" when none came within ten seconds.
  std::string Next();
  bool empty() const;
  /// Messages answered, "nothing to say" included.
  std::size_t finished() const;
  /// Waits until `count` messages were answered.
  bool WaitFinished(std::size_t count);

 private:
  void Add(std::string message);

  CondVar came_;
  mutable Mutex mutex_;
  std::deque<std::string> messages_ MCPGATE_GUARDED_BY(mutex_);
  std::size_t finished_ MCPGATE_GUARDED_BY(mutex_) = 0;
};

/// Tools alone, one for every way a call can go.
Registry PlainTools();

/// What a server is made with, where a test cares.
struct Serving {
  Registry registry;
  std::vector<LimitPolicy> limits = {PostingLimit()};
  std::function<void(ServerOptions&)> tune{};
};

/// One gate, one server, one key for each role.
struct Served {
  explicit Served(std::vector<LimitPolicy> limits = {PostingLimit()}, std::size_t page_size = 50);
  explicit Served(Serving serving);

  /// Credentials of the key with that role ("reader" ...), or of nobody.
  Credentials As(std::string_view role) const;
  Secret Issue(Grants grants);
  std::vector<AuditRecord> Trail() const { return audit->Records(); }

  FakeClock clock;
  std::shared_ptr<KeyStore> store;
  std::shared_ptr<Keyring> keyring;
  std::shared_ptr<MemoryAuditSink> audit;
  std::shared_ptr<Registry> registry;
  std::unique_ptr<Gate> gate;
  std::unique_ptr<Server> server;
  std::vector<std::pair<std::string, Secret>> tokens;
};

}  // namespace mcpgate::testing
