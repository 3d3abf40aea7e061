// File: server.h
//
// Messages in, replies out. A Server speaks both eras of MCP, decided message by message; a transport feeds
// it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "mcpgate/clock.h"
#include "mcpgate/executor.h"
#include "mcpgate/export.h"
#include "mcpgate/gate.h"
#include "mcpgate/registry.h"

namespace mcpgate {

/// ReplySink
///
/// Where a transport takes what the server says about one message. Each text is one JSON-RPC message without
/// line end. May be called from another thread than Handle's; `Notify` never after `Finish`.
class MCPGATE_EXPORT ReplySink {
 public:
  virtual ~ReplySink() = default;
  /// A notification that belongs to this message (progress).
  virtual void Notify(std::string message) = 0;
  /// The answer, exactly once; empty when there is nothing to say (a notification, a cancelled call).
  virtual void Finish(std::string message) = 0;
};

/// Session
///
/// What the server remembers of one connection: the version a 2025-era `initialize` settled, and the calls in
/// flight so that they can be cancelled. Nothing a 2026-era request needs. Made by `Server::NewSession`; safe
/// for concurrent use.
class Session;

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
  ServerInfo info{};
  std::size_t page_size = 50;  ///< tools a page of tools/list
  Nanos call_deadline = std::chrono::seconds(60);
  std::size_t max_in_flight = 256;  ///< calls of one session
  Secret cursor_key{};              ///< signs list cursors; share it between replicas; empty: random
  const Clock* clock = &Clock::System();
};

/// Server
///
/// Safe for concurrent use. Exceptions of handlers end here.
class MCPGATE_EXPORT Server {
 public:
  static absl::StatusOr<std::unique_ptr<Server>> New(ServerOptions options);
  virtual ~Server() = default;  ///< waits for the calls in flight

  virtual std::shared_ptr<Session> NewSession() = 0;
  /// Takes one message (a JSON text). Answers through `reply`, at once or later. Inline tools run before it
  /// returns.
  virtual void Handle(std::string_view message, const Credentials& credentials,
                      const std::shared_ptr<Session>& session, std::shared_ptr<ReplySink> reply) = 0;
  /// Asks every call of the session in flight to stop; they get no answer.
  virtual void CancelAll(Session& session) = 0;
  /// Waits until the session has no call in flight, at most `patience`. False when some still run.
  virtual bool Drain(Session& session, Nanos patience) = 0;
  /// The answer to bytes that never became a message (a line too long): a JSON-RPC error without id.
  virtual std::string RefuseMessage(std::string_view why) const = 0;
};

}  // namespace mcpgate
