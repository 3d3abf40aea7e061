// The guild as Discord's API writes it.
#pragma once

#include "mcpgate/json.h"
#include "sandbox/guild.h"

namespace mcpgate::sandbox {

Json UserJson(const User& user);
/// GET /users/@me.
Json SelfJson(const Guild& guild);
/// One entry of GET /users/@me/guilds.
Json GuildSummaryJson(const Guild& guild, bool with_counts);
Json GuildJson(const Guild& guild, bool with_counts);
Json RoleJson(const Role& role);
Json ChannelJson(const Guild& guild, const Channel& channel);
/// `content_visible` is false for a bot without the MESSAGE_CONTENT intent; its own messages and those that
/// mention it stay readable.
Json MessageJson(const Guild& guild, const Channel& channel, const Message& message, bool content_visible);

}  // namespace mcpgate::sandbox
