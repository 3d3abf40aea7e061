#include "keys/network.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace mcpgate {
namespace {

constexpr int kMappedBits = 96;
constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

using Bytes = std::array<std::uint8_t, 16>;

bool IsMapped(const Bytes& bytes) { return std::equal(kMapped.begin(), kMapped.end(), bytes.begin()); }

std::optional<Bytes> ParseAddress(std::string_view text) {
  char terminated[INET6_ADDRSTRLEN] = {};
  if (text.size() >= sizeof terminated) return std::nullopt;
  std::copy(text.begin(), text.end(), terminated);
  Bytes bytes{};
  if (inet_pton(AF_INET6, terminated, bytes.data()) == 1) return bytes;
  std::copy(kMapped.begin(), kMapped.end(), bytes.begin());
  if (inet_pton(AF_INET, terminated, bytes.data() + kMapped.size()) == 1) return bytes;
  return std::nullopt;
}

bool SameBits(const Bytes& a, const Bytes& b, int bits) {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (!std::equal(a.begin(), a.begin() + bits / 8, b.begin())) return false;
  const int rest = bits % 8;
  return rest == 0 || (a[whole] >> (8 - rest)) == (b[whole] >> (8 - rest));
}

bool IsCleanBeyond(const Bytes& bytes, int prefix) {
  for (int bit = prefix; bit < 128; ++bit) {
    if ((bytes[static_cast<std::size_t>(bit / 8)] & (0x80 >> (bit % 8))) != 0) return false;
  }
  return true;
}

}  // namespace

std::optional<Network> ParseNetwork(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::optional<Bytes> bytes = ParseAddress(text.substr(0, slash));
  if (!bytes) return std::nullopt;
  Network network{.bytes = *bytes};
  if (slash == std::string_view::npos) return network;
  const std::string_view digits = text.substr(slash + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), network.prefix);
  const bool is_v4 = text.substr(0, slash).find(':') == std::string_view::npos;
  const int most = is_v4 ? 32 : 128;
  if (error != std::errc() || end != digits.data() + digits.size() || digits.size() > 3 || digits[0] == '-' ||
      network.prefix > most) {
    return std::nullopt;
  }
  if (is_v4) network.prefix += kMappedBits;
  return IsCleanBeyond(network.bytes, network.prefix) ? std::optional(network) : std::nullopt;
}

std::string NetworkText(const Network& network) {
  char text[INET6_ADDRSTRLEN] = {};
  const bool is_v4 = IsMapped(network.bytes) && network.prefix >= kMappedBits;
  inet_ntop(is_v4 ? AF_INET : AF_INET6, network.bytes.data() + (is_v4 ? kMapped.size() : 0), text,
            sizeof text);
  if (network.prefix == 128) return text;
  return fmt::format("{}/{}", text, network.prefix - (is_v4 ? kMappedBits : 0));
}

bool Contains(const Network& network, std::string_view address) {
  const std::optional<Bytes> bytes = ParseAddress(address);
  return bytes && SameBits(network.bytes, *bytes, network.prefix);
}

}  // namespace mcpgate
