// File: net/public_address.h
#pragma once

#include "mcpgate/export.h"

struct sockaddr;

namespace mcpgate::net {

/// Whether the address is one of the public internet: not loopback, private, link-local, shared, multicast,
/// documentation or otherwise reserved (IANA's special-purpose registries, RFC 6890), also when IPv6 wraps
/// an IPv4 one. False for anything that is no address of the two.
MCPGATE_EXPORT bool IsPublicAddress(const sockaddr& address);

}  // namespace mcpgate::net
