// File: server.h
//
// Messages in, replies out. A Server speaks both eras of MCP, decided message by message; a transport feeds
// it.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "mcpgate/answer.h"
#include "mcpgate/clock.h"
#include "mcpgate/executor.h"
#include "mcpgate/export.h"
#include "mcpgate/gate.h"
#include "mcpgate/http_message.h"
#include "mcpgate/middleware.h"
#include "mcpgate/registry.h"
#include "mcpgate/task_store.h"

namespace mcpgate {

/// Session
///
/// What the server remembers of one connection (stdio) or one 2025-era session (HTTP): the version and the
/// capabilities that `initialize` settled, the calls in flight, the questions asked, the resources subscribed
/// to. Nothing a 2026-era request needs. Safe for concurrent use.
class Session;

/// How a message came in.
struct Arrival {
  const Credentials& credentials;
  /// Of a transport whose connection is the session (stdio). Null over HTTP: there `Mcp-Session-Id` names it.
  std::shared_ptr<Session> session{};
  /// Over HTTP: the request's headers, which must agree with the body (2026-07-28) and name the session
  /// (2025).
  std::optional<std::span<const HttpHeader>> headers{};
  /// Requested when the client went away, which cancels a call of the 2026 era and not one of the 2025 era.
  std::stop_token gone{};
};

/// Something clients may have asked to be told of.
struct ServerEvent {
  enum class Kind { kToolsChanged, kPromptsChanged, kResourcesChanged, kResourceUpdated };
  Kind kind = Kind::kResourceUpdated;
  std::string uri{};  ///< of the resource that was updated
};

struct ServerInfo {
  std::string name = "mcpgate";
  std::string title{};
  std::string version{};  ///< empty: the library's
  std::string instructions{};
};

struct ServerOptions {
  Gate* gate = nullptr;  ///< outlives the server
  std::shared_ptr<const Registry> registry{};
  std::shared_ptr<Executor> executor{};  ///< null: a pool of its own
  /// Around every request whose method is served; the first is the outermost.
  std::vector<std::shared_ptr<Middleware>> middleware{};
  ServerInfo info{};
  std::size_t page_size = 50;  ///< entries a page of a list
  Nanos call_deadline = std::chrono::seconds(60);
  Secret cursor_key{};  ///< signs list cursors; share it between replicas; empty: random
  /// Seal what a call remembers between its rounds (`requestState`): the first seals, all open, so that keys
  /// can be changed. Share them between replicas. Empty: a random one.
  std::vector<Secret> state_keys{};
  Nanos state_lifetime = std::chrono::minutes(10);
  Nanos ask_patience = std::chrono::minutes(5);  ///< for an answer of a 2025-era client
  std::size_t max_in_flight = 256;               ///< calls of one session
  /// Calls that wait for a 2025-era client's answer at once. Each holds a thread of the executor.
  std::size_t max_asking = 4;
  std::size_t max_asking_of_key = 3;
  /// 2025-era sessions over HTTP. When there are so many, `initialize` is refused as busy (42902): nobody may
  /// end another's session, and idle ones make place after `session_idle`.
  std::size_t max_sessions = 10'000;
  std::size_t max_sessions_of_key = 100;
  Nanos session_idle = std::chrono::minutes(30);
  std::size_t max_listens = 1'024;  ///< `subscriptions/listen` streams
  std::size_t max_listens_of_key = 32;
  std::size_t max_subscriptions = 1'000;  ///< resources of one session or listen
  /// Keeps tasks and their results. Null: in memory, as many as the next two say. Give one that lasts
  /// (SqliteStorage::tasks) and a finished task can be asked about after a restart, until its time is up; one
  /// that was running then has failed. A task is promised once its record is there.
  std::shared_ptr<TaskStore> tasks{};
  std::size_t max_tasks = 10'000;
  std::size_t max_tasks_of_key = 100;
  std::size_t max_running_tasks = 4;  ///< each holds a thread of the executor
  const Clock* clock = &Clock::System();
};

/// Server
///
/// Safe for concurrent use. Exceptions of handlers end here.
class MCPGATE_EXPORT Server {
 public:
  static absl::StatusOr<std::unique_ptr<Server>> New(ServerOptions options);
  /// Ends the sessions of HTTP, and waits for the calls in flight.
  virtual ~Server() = default;

  /// Takes one message (a JSON text). Answers through `reply`, at once or later. Inline tools run before it
  /// returns.
  virtual void Handle(std::string_view message, const Arrival& arrival, std::shared_ptr<ReplySink> reply) = 0;

  /// A session that lives as long as its connection.
  virtual std::shared_ptr<Session> NewSession() = 0;
  /// The session that an `initialize` over HTTP has opened; nullptr when there is none of that id, or another
  /// key's.
  virtual std::shared_ptr<Session> FindSession(std::string_view id, const Credentials& credentials) = 0;
  /// Where messages go that belong to no call: changes and resource updates of the 2025 era. Replaces an
  /// earlier one, which is finished. Finished itself when the session ends or the key is no longer accepted;
  /// at once when the session has ended already.
  virtual void AttachStream(const std::shared_ptr<Session>& session, const Credentials& credentials,
                            std::shared_ptr<ReplySink> stream) = 0;
  /// The session is in use, and is not forgotten for being idle, as long as what this returns is held.
  virtual std::shared_ptr<void> HoldSession(const std::shared_ptr<Session>& session) = 0;
  /// What `initialize` settled ("2025-11-25"), or the newest version that has sessions.
  virtual std::string_view ProtocolVersion(const Session& session) const = 0;
  /// Ends a session of HTTP: its calls are cancelled, its id is unknown from now on.
  virtual void EndSession(Session& session) = 0;
  /// Asks every call of the session in flight to stop; they get no answer.
  virtual void CancelAll(Session& session) = 0;
  /// Waits until the session has no call in flight, at most `patience`. False when some still run.
  virtual bool Drain(Session& session, Nanos patience) = 0;

  /// Tells the clients that asked to know. The registry's own changes are told without it.
  virtual void Publish(const ServerEvent& event) = 0;
  /// Ends every listen and every attached stream, or those of one session, politely: the server is about to
  /// stop.
  virtual void EndStreams(Session* only = nullptr) = 0;
  /// Ends the listens and attached streams whose key is no longer accepted. A transport with many clients
  /// calls it now and then: without an event a stream would outlive its key.
  virtual void EndRefusedStreams() = 0;
  /// The answer to bytes that never became a message (a line too long): a JSON-RPC error without id.
  virtual std::string RefuseMessage(std::string_view why) const = 0;
};

}  // namespace mcpgate
