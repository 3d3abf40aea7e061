// File: http/service.h
//
// Everything that mcpgate-http runs, put together and taken apart again.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "common/failure.h"
#include "common/log.h"
#include "common/wire.h"
#include "http/health.h"
#include "http/limit_counts.h"
#include "http/observer.h"
#include "http/options.h"
#include "http/router.h"
#include "http/token_snippet.h"
#include "mcpgate/admin.h"
#include "mcpgate/http.h"
#include "mcpgate/secret.h"
#include "mcpgate/token_files.h"
#include "sandbox/sandbox.h"

namespace mcpgate::hosts {

/// Service
///
/// Confine to one thread, but for `Reload`, which another one may call until `Stop` is.
class Service {
 public:
  Service(const HttpHostOptions& options, const Log& log) : options_(options), log_(log) {}

  /// `discord_token` is empty with a sandbox.
  Result Start(const std::string& data_directory, Secret discord_token, NoticePlaces notice_places = {});
  /// Takes over what can change while it runs: TLS files, allowed hosts and origins, access log, who sees the
  /// metrics. All of it or, with an error, nothing.
  absl::Status Reload(const HttpHostOptions& fresh);
  /// Accepts these keys beside those of the data directory, and no other static ones.
  absl::Status UseKeys(const std::vector<StaticKey>& keys);
  /// The settings that differ in `fresh`, and that no reload takes over. The frequent ones.
  std::vector<std::string> NeedRestart(HttpHostOptions fresh);
  /// Answers what is under way and ends. False when something was cut off after the grace time.
  bool Stop();

  /// "http://127.0.0.1:8808", of the address it listens on.
  std::string origin() const;
  bool has_keys();
  /// Of an empty store: where the token for the first administrator is. Empty when there are keys, static
  /// ones too, or no REST service.
  absl::StatusOr<std::string> OfferBootstrap();
  std::uint16_t port() const { return listener_->port(); }

 private:
  Result StartSandbox(WiringOptions& parts);
  Result StartWiring(const std::string& data_directory, Secret discord_token, NoticePlaces notice_places);
  Result StartListener();
  absl::StatusOr<std::shared_ptr<HttpHandler>> NewMcp(const HttpHostOptions& options);
  absl::StatusOr<std::shared_ptr<AdminApi>> NewAdmin(const HttpHostOptions& options);
  absl::StatusOr<std::shared_ptr<HttpHandler>> NewHandler();
  std::string MetricsText() const;
  TokenPlace PlaceOfTokens() const;

  std::string data_directory_;
  HttpHostOptions options_;  // as it was started, with what reloads have changed
  const Log& log_;
  const std::shared_ptr<std::atomic<bool>> metrics_open_ = std::make_shared<std::atomic<bool>>(false);
  std::atomic<bool> has_static_keys_{false};
  // For requests, which may come before Start has got the listener.
  std::atomic<HttpListener*> counted_{nullptr};

  // Each lives on those before it.
  std::shared_ptr<Observations> observations_;
  std::unique_ptr<LimitCounts> limit_counts_;
  std::unique_ptr<Sandbox> sandbox_;
  std::unique_ptr<Wiring> wiring_;
  std::shared_ptr<HealthMonitor> health_;
  std::shared_ptr<TokenFiles> token_files_;
  std::shared_ptr<Mount> mcp_, admin_;           // admin_ is null when it is off
  std::vector<std::weak_ptr<AdminApi>> admins_;  // those whose streams may be open
  std::unique_ptr<HttpListener> listener_;
};

}  // namespace mcpgate::hosts
