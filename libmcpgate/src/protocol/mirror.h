// File: protocol/mirror.h
//
// Headers that repeat parts of the body, so that what stands between client and server can route without
// reading it (2026-07-28, transports, "Standard MCP request headers"). The body decides; a header that
// disagrees is an error.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "mcpgate/http_message.h"
#include "mcpgate/json.h"
#include "protocol/message.h"
#include "tool/param_headers.h"

namespace mcpgate {

using HeaderSpan = std::span<const HttpHeader>;

/// What the method is applied to, as `Mcp-Name` repeats it: a name, a URI or a task's id. nullptr: nothing.
const std::string* NameOf(std::string_view method, const Json& params);

/// `MCP-Protocol-Version` is there and says `claim`.
std::optional<Rejection> CheckVersionHeader(HeaderSpan headers, std::string_view claim);
/// `Mcp-Method` says the method, and `Mcp-Name` what the method is applied to.
std::optional<Rejection> CheckMethodHeaders(HeaderSpan headers, std::string_view method, const Json& params);
/// Each `Mcp-Param-*` that the tool declares says its argument, and is there when the argument is.
std::optional<Rejection> CheckParamHeaders(HeaderSpan headers, std::span<const ParamHeader> declared,
                                           const Json& arguments);

/// A value as sent, or the text inside `=?base64?...?=`; nullopt when that is not strict base64 of UTF-8.
std::optional<std::string> DecodeHeaderValue(std::string_view value);

}  // namespace mcpgate
