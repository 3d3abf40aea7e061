#include "common/tools.h"

#include "mcpgate/version.h"

namespace mcpgate::hosts {

absl::Status AddHostTools(Registry& registry, SqliteStorage& storage,
                          const std::shared_ptr<Discord>& discord) {
  if (absl::Status status = AddDiscordTools(registry, discord); !status.ok()) return status;
  return AddStatusTool(
      registry,
      {.store = [&storage] { return storage.Health(); }, .discord = discord, .server_version = kVersion});
}

}  // namespace mcpgate::hosts
