// File: http/address.h
//
// Addresses: where to listen, who is at the other end, and which proxies are trusted to say so.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace mcpgate::hosts {

/// An IPv4 or IPv6 address. IPv4 is held as RFC 4291's ::ffff:a.b.c.d, so that the two spellings of one
/// machine are equal.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};

  /// A literal without port or brackets; nullopt for anything else.
  static std::optional<IpAddress> Parse(std::string_view text);
  bool is_v4() const;
  bool is_loopback() const;
  std::string ToString() const;
  bool operator==(const IpAddress&) const = default;
};

/// "10.0.0.0/8", "2001:db8::/32", or one address.
struct IpNetwork {
  IpAddress base;
  int prefix = 128;  ///< of the 128 bits; IPv4 /8 is 104

  /// InvalidArgument says how one is written.
  static absl::StatusOr<IpNetwork> Parse(std::string_view text);
  bool Contains(const IpAddress& address) const;
};

/// Whom a limit by address counts together: an IPv4 address, an IPv6 /64 (what one subscriber is given at
/// least, RFC 6177).
std::string AddressPartition(const IpAddress& address);

struct ListenAt {
  std::string address = "127.0.0.1";  ///< a literal
  std::uint16_t port = 8808;

  /// "127.0.0.1:8808", "[::1]:0", "localhost:80", ":8808" (127.0.0.1), "8808" (the same).
  static absl::StatusOr<ListenAt> Parse(std::string_view text);
  bool is_loopback() const;
  bool is_any() const;  ///< all interfaces
};
/// "127.0.0.1:80", "[::1]:80".
std::string AuthorityText(std::string_view address, std::uint16_t port);

}  // namespace mcpgate::hosts
