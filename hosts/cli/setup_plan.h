// File: cli/setup_plan.h
//
// What `mcpgate setup` is going to write, before anything is touched.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "cli/setup.h"
#include "common/client_config.h"
#include "common/client_kind.h"
#include "mcpgate/secret.h"

namespace mcpgate::hosts {

/// Every path is absolute.
struct SetupPlan {
  ClientFacts client;
  std::string config;  ///< empty: the client has no file that is known
  std::string data;
  std::string key_file;
  std::string header_file;   ///< for a bridge; empty: none is needed
  bool remote_keys = false;  ///< the keys are those of a server elsewhere: none can be made here
  ConfigEntry entry;
};

/// InvalidArgument: options that do not go together, or do not fit the client; NotFound: no mcpgate-stdio.
absl::StatusOr<SetupPlan> PlanSetup(const SetupOptions& options);

/// The configuration file alone. FailedPrecondition when neither the options nor the environment names one.
absl::StatusOr<std::string> SetupConfigPath(const SetupOptions& options);

/// Puts the key itself into the entry.
void InlineKey(const Secret& key, const SetupOptions& options, SetupPlan& plan);

}  // namespace mcpgate::hosts
