// File: http/client_address.h
//
// Who really asks, when a proxy stands in between.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "http/address.h"
#include "mcpgate/http_message.h"

namespace mcpgate::hosts {

/// "192.0.2.1", "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:4711".
std::optional<IpAddress> ParseNode(std::string_view text);

/// ClientAddress()
///
/// The address at the other end of the connection, unless that is a trusted proxy: then what the proxies say
/// in `X-Forwarded-For` or `Forwarded` (RFC 7239), read from the right, where each proxy adds what it saw,
/// up to the first address that is not trusted. A field the proxy does not write itself comes from the
/// client, so two fields that disagree are both ignored. nullopt: `request.peer` is no address.
std::optional<IpAddress> ClientAddress(const HttpRequest& request, const std::vector<IpNetwork>& trusted);

}  // namespace mcpgate::hosts
