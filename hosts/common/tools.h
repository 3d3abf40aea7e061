// File: common/tools.h
//
// The tools that hosts serve.
#pragma once

#include <memory>

#include "absl/status/status.h"
#include "mcpgate/discord.h"
#include "mcpgate/registry.h"
#include "mcpgate/sqlite.h"

namespace mcpgate::hosts {

/// Talks to nobody; the tools do when they are called. `storage` outlives the registry.
absl::Status AddHostTools(Registry& registry, SqliteStorage& storage,
                          const std::shared_ptr<Discord>& discord);

}  // namespace mcpgate::hosts
