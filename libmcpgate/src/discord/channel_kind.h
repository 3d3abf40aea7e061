// File: discord/channel_kind.h
//
// What Discord's channel types are called here, and which take text messages.
#pragma once

#include <cstdint>
#include <string_view>

#include "mcpgate/export.h"

namespace mcpgate {

/// "text", "forum", "public_thread" ...; "unknown" for types newer than this table.
MCPGATE_EXPORT std::string_view ChannelKindName(std::int64_t type);
MCPGATE_EXPORT bool TakesMessages(std::int64_t type);

}  // namespace mcpgate
