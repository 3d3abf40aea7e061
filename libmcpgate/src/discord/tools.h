// File: discord/tools.h
//
// The tools, one source file each.
#pragma once

#include <memory>

#include "discord/rest.h"
#include "mcpgate/export.h"
#include "mcpgate/tool.h"

namespace mcpgate {

MCPGATE_EXPORT Tool SendMessageTool(std::shared_ptr<DiscordRest> rest);
MCPGATE_EXPORT Tool ReadMessagesTool(std::shared_ptr<DiscordRest> rest);
MCPGATE_EXPORT Tool GetChannelTool(std::shared_ptr<DiscordRest> rest);
MCPGATE_EXPORT Tool ListChannelsTool(std::shared_ptr<DiscordRest> rest);
MCPGATE_EXPORT Tool ServerStatusTool(StatusSources sources);

}  // namespace mcpgate
