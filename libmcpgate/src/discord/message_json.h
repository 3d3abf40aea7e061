// File: discord/message_json.h
//
// A message as the tools show it: data about what somebody wrote, never text of ours.
#pragma once

#include <string>
#include <string_view>

#include "mcpgate/export.h"
#include "mcpgate/json.h"

namespace mcpgate {

/// Of Discord's message object. `content_hidden` is set when Discord kept the text back from the bot.
MCPGATE_EXPORT Json MessageForModel(const Json& message);
MCPGATE_EXPORT Json MessageProperties();

/// A file name that is safe to show and to use: no path, no control, no direction marks, at most 100 bytes.
MCPGATE_EXPORT std::string SafeFileName(std::string_view name);

}  // namespace mcpgate
