#include "net/public_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace mcpgate::net {
namespace {

struct Block4 {
  std::uint32_t first;
  int bits;
};
constexpr std::array<Block4, 15> kReserved4 = {{{0x00000000, 8},    // this network
                                                {0x0a000000, 8},    // private
                                                {0x64400000, 10},   // shared (carrier-grade NAT)
                                                {0x7f000000, 8},    // loopback
                                                {0xa9fe0000, 16},   // link-local, clouds' metadata
                                                {0xac100000, 12},   // private
                                                {0xc0000000, 24},   // protocol assignments
                                                {0xc0000200, 24},   // documentation
                                                {0xc0586300, 24},   // 6to4 relays, withdrawn
                                                {0xc0a80000, 16},   // private
                                                {0xc6120000, 15},   // benchmarks
                                                {0xc6336400, 24},   // documentation
                                                {0xcb007100, 24},   // documentation
                                                {0xe0000000, 4},    // multicast
                                                {0xf0000000, 4}}};  // reserved, broadcast

bool IsPublic4(std::uint32_t address) {
  return std::none_of(kReserved4.begin(), kReserved4.end(),
                      [&](const Block4& block) { return (address ^ block.first) >> (32 - block.bits) == 0; });
}

std::uint32_t WordAt(const in6_addr& address, int i) {
  std::uint32_t word = 0;
  std::memcpy(&word, address.s6_addr + 4 * i, sizeof word);
  return ntohl(word);
}

bool IsPublic6(const in6_addr& address) {
  const std::uint32_t first = WordAt(address, 0), second = WordAt(address, 1);
  const bool zeros = first == 0 && second == 0;
  if (zeros && WordAt(address, 2) == 0xffff) return IsPublic4(WordAt(address, 3));  // ::ffff:a.b.c.d
  if (first == 0x0064ff9b && second == 0 && WordAt(address, 2) == 0)
    return IsPublic4(WordAt(address, 3));            // NAT64
  if (first >> 29 != 1) return false;                // global unicast is 2000::/3
  if (first >> 9 == 0x20010000u >> 9) return false;  // 2001::/23: Teredo and other protocols
  if (first == 0x20010db8) return false;             // documentation
  if (first >> 16 == 0x2002) return false;           // 6to4, which wraps any IPv4 address
  return first >> 12 != 0x3fff0;                     // documentation
}

}  // namespace

bool IsPublicAddress(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in in;
    std::memcpy(&in, &address, sizeof in);
    return IsPublic4(ntohl(in.sin_addr.s_addr));
  }
  if (address.sa_family != AF_INET6) return false;
  sockaddr_in6 in;
  std::memcpy(&in, &address, sizeof in);
  return IsPublic6(in.sin6_addr);
}

}  // namespace mcpgate::net
