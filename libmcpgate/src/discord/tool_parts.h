// File: discord/tool_parts.h
//
// What the Discord tools have in common: schemas of ids and errors, and failures as results.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "discord/errors.h"
#include "discord/rest.h"
#include "mcpgate/export.h"
#include "mcpgate/json.h"
#include "mcpgate/tool.h"

namespace mcpgate {

/// An input schema: an object of these properties and no others.
MCPGATE_EXPORT Json InputSchema(Json properties, std::vector<std::string> required);
/// An output schema: an object that has either all members of one of `shapes`, or `error`.
MCPGATE_EXPORT Json OutputSchema(Json properties, const std::vector<std::vector<std::string>>& shapes);
MCPGATE_EXPORT Json IdSchema(std::string_view description);

/// The name policies know a channel by.
MCPGATE_EXPORT std::string ChannelResource(std::string_view channel_id);
/// The same for whoever asks on behalf of `context`.
MCPGATE_EXPORT RestCaller CallerOf(const CallContext& context);

/// What is known of the effect of a call that failed.
enum class Effect { kNone, kUnknown, kDone };
/// A failure for the model (text) and for programs (`structured.error`), with the effect said in both.
MCPGATE_EXPORT ToolResult Failure(const DiscordError& error, Effect effect, std::string_view advice = {});
/// An argument that its schema cannot judge.
MCPGATE_EXPORT ToolResult BadArgument(std::string message);

}  // namespace mcpgate
