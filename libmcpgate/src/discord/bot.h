// File: discord/bot.h
//
// Discord::New with its parts given.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "discord/rest.h"
#include "mcpgate/discord.h"
#include "mcpgate/export.h"

namespace mcpgate {

/// The options with their defaults filled in, or InvalidArgument.
MCPGATE_EXPORT absl::StatusOr<DiscordOptions> CheckDiscordOptions(DiscordOptions options);

MCPGATE_EXPORT absl::StatusOr<std::shared_ptr<Discord>> NewDiscord(DiscordOptions options, RestParts parts);

}  // namespace mcpgate
