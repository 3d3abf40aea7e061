// File: discord/channel_json.h
//
// A channel as the tools show it.
#pragma once

#include "mcpgate/export.h"
#include "mcpgate/json.h"

namespace mcpgate {

/// Of Discord's channel object; names and topics are data written by strangers.
MCPGATE_EXPORT Json ChannelForModel(const Json& channel);
MCPGATE_EXPORT Json ChannelProperties();

}  // namespace mcpgate
