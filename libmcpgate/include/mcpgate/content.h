// File: content.h
//
// Content blocks of results and messages, as MCP defines them.
#pragma once

#include <string>
#include <string_view>

#include "mcpgate/export.h"
#include "mcpgate/json.h"

namespace mcpgate {

MCPGATE_EXPORT Json TextContent(std::string text);
/// `bytes` are the file itself; the block carries them in base64.
MCPGATE_EXPORT Json ImageContent(std::string_view bytes, std::string mime_type);
MCPGATE_EXPORT Json AudioContent(std::string_view bytes, std::string mime_type);
/// A resource inside a message.
MCPGATE_EXPORT Json EmbeddedText(std::string uri, std::string mime_type, std::string text);
MCPGATE_EXPORT Json EmbeddedBytes(std::string uri, std::string mime_type, std::string_view bytes);
/// A resource by its address; revisions before 2025-06-18 are shown a line of text instead.
MCPGATE_EXPORT Json ResourceLink(std::string uri, std::string name, std::string mime_type = {});

}  // namespace mcpgate
