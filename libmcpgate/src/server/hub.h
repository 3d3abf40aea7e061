// File: server/hub.h
//
// Who listens (`subscriptions/listen`, 2026 era), and what each is told.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "mcpgate/gate.h"
#include "mcpgate/json.h"
#include "mcpgate/server.h"
#include "protocol/flight.h"
#include "protocol/identity.h"
#include "server/tasks.h"

namespace mcpgate {

/// What one listen asked for and may have.
struct ListenFilter {
  bool tools = false, prompts = false, resources = false;
  std::set<std::string, std::less<>> uris{};
  std::set<std::string, std::less<>> tasks_by_id{};

  bool Covers(const ServerEvent& event) const;
  /// As the acknowledgement says it.
  Json ToJson() const;
};

/// Listener
///
/// One open listen. Safe for concurrent use.
class Listener {
 public:
  struct Options {
    Json id;  ///< of the request, repeated in every message
    ListenFilter filter;
    std::string owner;  ///< key family, for the bound on each
    Credentials credentials;
    std::shared_ptr<Session> session;  ///< null over HTTP
    std::shared_ptr<Flight> flight;
    std::shared_ptr<ReplySink> reply;
  };
  explicit Listener(Options options) : options_(std::move(options)) {}

  const Options& options() const { return options_; }
  /// False when the client is gone.
  bool Tell(std::string_view method, Json params);
  /// The one answer; no effect a second time.
  void Finish(ServerAnswer answer);

 private:
  friend class Hub;
  std::string Acknowledgment() const;

  const Options options_;
  Mutex mutex_;  // held while a message is handed over, so that none follows the answer
  bool finished_ MCPGATE_GUARDED_BY(mutex_) = false;
  std::optional<std::stop_callback<std::function<void()>>> cancelled_;
};

struct HubLimits {
  std::size_t listens = 1'024;
  std::size_t of_key = 32;
};

/// Hub
///
/// Safe for concurrent use. No lock is held while a stream is written to.
class Hub {
 public:
  Hub(const HubLimits& limits, Gate& gate, const Identity& identity)
      : limits_(limits), gate_(gate), identity_(identity) {}
  ~Hub();

  enum class Entry { kEntered, kFull, kDeaf };
  /// Acknowledges and keeps it until its client goes or the server ends it. Not kept, and to be finished by
  /// the caller, when there are too many or its client reads no events.
  Entry Add(const std::shared_ptr<Listener>& listener);
  void Publish(const ServerEvent& event);
  void PublishTask(const Task& task);
  /// Ends those whose key is no longer accepted.
  void EndRefused();
  /// Answers every listen, or those of one session.
  void EndAll(const Session* only);

 private:
  bool Enter(const std::shared_ptr<Listener>& listener);
  std::vector<std::shared_ptr<Listener>> Which(const std::function<bool(const Listener&)>& which);
  void TellEach(const std::vector<std::shared_ptr<Listener>>& told, std::string_view method,
                const Json& params);
  std::vector<std::shared_ptr<Listener>> Take(const std::function<bool(const Listener&)>& which);
  void Drop(const std::shared_ptr<Listener>& listener);

  const HubLimits limits_;
  Gate& gate_;
  const Identity& identity_;
  Mutex mutex_;
  std::vector<std::shared_ptr<Listener>> listeners_ MCPGATE_GUARDED_BY(mutex_);
  std::unordered_map<std::string, std::size_t> count_of_owner_ MCPGATE_GUARDED_BY(mutex_);
};

/// The notification of the 2025 era for the event.
std::string LegacyNotification(const ServerEvent& event);

}  // namespace mcpgate
