// Networks that a key may be shown from.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mcpgate {

/// A range of addresses, as IPv6; IPv4 lies in ::ffff:0:0/96.
struct Network {
  std::array<std::uint8_t, 16> bytes{};
  int prefix = 128;  ///< bits that count
};

/// "203.0.113.0/24", "2001:db8::/32" or an address alone. nullopt when it is none, or has bits set beyond its
/// prefix.
std::optional<Network> ParseNetwork(std::string_view text);
/// One text for one network: "203.0.113.0/24", and an address alone without its prefix.
std::string NetworkText(const Network& network);
/// False when `address` is no address.
bool Contains(const Network& network, std::string_view address);

}  // namespace mcpgate
