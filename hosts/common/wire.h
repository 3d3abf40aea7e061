// File: common/wire.h
//
// The parts put together: storage, keyring, limiter, gate, tools, server.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/audit_places.h"
#include "common/housekeeping.h"
#include "common/limit_text.h"
#include "common/notice_places.h"
#include "common/notices.h"
#include "common/store.h"
#include "mcpgate/discord.h"
#include "mcpgate/gate.h"
#include "mcpgate/key_store.h"
#include "mcpgate/ledger.h"
#include "mcpgate/rate_limiter.h"
#include "mcpgate/registry.h"
#include "mcpgate/secret.h"
#include "mcpgate/server.h"
#include "mcpgate/sqlite.h"

namespace mcpgate::hosts {

struct WiringOptions {
  std::string data_directory;
  bool create = false;  ///< make the store when the directory holds none
  std::vector<LimitPolicy> limits = ShippedLimits();
  std::vector<BudgetRule> budgets{};  ///< kept in the data directory
  std::string policy_file;            ///< empty: roles as tools declare them
  Secret discord_token;
  std::string discord_url;                            ///< empty: discord.com
  ServerOptions server{};                             ///< its bounds and middleware; its parts are made here
  TaskStoreLimits kept_tasks{};                       ///< in the data directory
  std::optional<Nanos> job_ttl{};                     ///< how long what ended is kept; nullopt: for good
  AuditOptions audit{};                               ///< where records go, and what is done with the trail
  NoticePlaces notice_places{};                       ///< none: notices wait for a process that has some
  std::function<void(const LimitEvent&)> on_limit{};  ///< beside the log; may be empty
  std::function<void(std::string_view)> log;          ///< what the operator should know; one line, no secrets
};

/// Wiring
///
/// Owns a running mcpgate, everything but the transport. Nothing here talks to Discord before a tool does.
/// Safe for concurrent use once made; end every transport before it dies.
class Wiring {
 public:
  static absl::StatusOr<std::unique_ptr<Wiring>> New(WiringOptions options);

  SqliteStorage& storage() { return *store_.storage; }
  Keyring& keyring() { return *store_.keyring; }
  /// Null without budgets.
  const std::shared_ptr<Ledger>& ledger() const { return ledger_; }
  const Notices& notices() const { return *notices_; }
  Gate& gate() { return *gate_; }
  Server& server() { return *server_; }
  Discord& discord() { return *discord_; }
  const std::shared_ptr<Registry>& registry() const { return registry_; }
  const std::shared_ptr<AuditSink>& audit() const { return audit_.sink; }
  /// How the places of the trail are; empty when the data directory is the only one.
  std::vector<AuditMemberHealth> AuditHealth() const;

 private:
  Wiring() = default;
  absl::Status OpenLedger(const WiringOptions& options);
  absl::Status MakeGate(const WiringOptions& options);
  absl::Status MakeDiscord(WiringOptions options);
  absl::Status MakeServer(ServerOptions server);
  void StartHousekeeping(const WiringOptions& options);

  // Each lives on those before it.
  Store store_;
  std::unique_ptr<Notices> notices_;
  AuditPlaces audit_;
  std::shared_ptr<Ledger> ledger_;
  std::unique_ptr<Gate> gate_;
  std::shared_ptr<Discord> discord_;
  std::shared_ptr<Registry> registry_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<Housekeeper> housekeeper_;
};

}  // namespace mcpgate::hosts
