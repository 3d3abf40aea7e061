#include <array>

#include "discord/tools.h"
#include "mcpgate/discord.h"

namespace mcpgate {

absl::Status AddDiscordTools(Registry& registry, std::shared_ptr<Discord> discord) {
  if (discord == nullptr) return absl::InvalidArgumentError("AddDiscordTools needs a Discord");
  const std::shared_ptr<DiscordRest> rest = discord->rest();
  for (const auto make : {SendMessageTool, ReadMessagesTool, GetChannelTool, ListChannelsTool}) {
    if (absl::Status added = registry.Add(make(rest)); !added.ok()) return added;
  }
  return absl::OkStatus();
}

absl::Status AddStatusTool(Registry& registry, StatusSources sources) {
  return registry.Add(ServerStatusTool(std::move(sources)));
}

}  // namespace mcpgate
