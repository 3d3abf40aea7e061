#include "http/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace mcpgate::hosts {
namespace {

constexpr std::array<std::uint8_t, 12> kV4Prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

template <typename T>
std::optional<T> Number(std::string_view text) {
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// What stands before and after the colon of a port.
struct HostAndPort {
  std::string_view host, port;
};

HostAndPort SplitPort(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t close = text.find("]:");
    if (close == text.npos) return {};
    return {text.substr(1, close - 1), text.substr(close + 2)};
  }
  const std::size_t colon = text.find(':');
  if (colon == text.npos) return {"", text};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

}  // namespace

std::optional<IpAddress> IpAddress::Parse(std::string_view text) {
  const std::string literal(text);
  IpAddress address;
  if (inet_pton(AF_INET6, literal.c_str(), address.bytes.data()) == 1) return address;
  in_addr v4{};
  if (inet_pton(AF_INET, literal.c_str(), &v4) != 1) return std::nullopt;
  std::copy(kV4Prefix.begin(), kV4Prefix.end(), address.bytes.begin());
  std::memcpy(address.bytes.data() + kV4Prefix.size(), &v4, sizeof v4);
  return address;
}

bool IpAddress::is_v4() const { return std::equal(kV4Prefix.begin(), kV4Prefix.end(), bytes.begin()); }

bool IpAddress::is_loopback() const {
  if (is_v4()) return bytes[12] == 127;
  static constexpr std::array<std::uint8_t, 16> kV6Loopback = {0, 0, 0, 0, 0, 0, 0, 0,
                                                               0, 0, 0, 0, 0, 0, 0, 1};
  return bytes == kV6Loopback;
}

std::string IpAddress::ToString() const {
  char text[INET6_ADDRSTRLEN] = "";
  const bool v4 = is_v4();
  inet_ntop(v4 ? AF_INET : AF_INET6, bytes.data() + (v4 ? kV4Prefix.size() : 0), text, sizeof text);
  return text;
}

absl::StatusOr<IpNetwork> IpNetwork::Parse(std::string_view text) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  const std::optional<IpAddress> base = IpAddress::Parse(text.substr(0, slash));
  const int offset = base && base->is_v4() ? 96 : 0;
  const std::optional<int> prefix = slash == text.size() ? 128 - offset : Number<int>(text.substr(slash + 1));
  if (!base || !prefix || *prefix < 0 || *prefix > 128 - offset) {
    return absl::InvalidArgumentError(fmt::format(
        "'{}' is not a network; write an address or ADDRESS/BITS, as in 10.0.0.0/8 or 2001:db8::/32",
        text.substr(0, 80)));
  }
  return IpNetwork{*base, *prefix + offset};
}

bool IpNetwork::Contains(const IpAddress& address) const {
  for (int bit = 0; bit < prefix; bit += 8) {
    const int kept = std::min(prefix - bit, 8);
    const int mask = (0xff << (8 - kept)) & 0xff;
    const std::size_t at = static_cast<std::size_t>(bit / 8);
    if ((address.bytes[at] & mask) != (base.bytes[at] & mask)) return false;
  }
  return true;
}

std::string AddressPartition(const IpAddress& address) {
  if (address.is_v4()) return address.ToString();
  IpAddress network = address;
  std::fill(network.bytes.begin() + 8, network.bytes.end(), std::uint8_t{0});
  return network.ToString() + "/64";
}

absl::StatusOr<ListenAt> ListenAt::Parse(std::string_view text) {
  const auto [host, port_text] = SplitPort(text);
  const std::optional<std::uint16_t> port = Number<std::uint16_t>(port_text);
  ListenAt at;
  if (!host.empty() && host != "localhost") at.address = host;
  if (!port || !IpAddress::Parse(at.address)) {
    return absl::InvalidArgumentError(
        fmt::format("'{}' is no place to listen; write ADDRESS:PORT, as in 127.0.0.1:8808, [::1]:8808 or "
                    "0.0.0.0:443 (all interfaces); port 0 is any free one",
                    text.substr(0, 80)));
  }
  at.port = *port;
  return at;
}

bool ListenAt::is_loopback() const {
  const std::optional<IpAddress> ip = IpAddress::Parse(address);
  return ip && ip->is_loopback();
}

bool ListenAt::is_any() const {
  const std::optional<IpAddress> ip = IpAddress::Parse(address);
  return ip && (*ip == *IpAddress::Parse("::") || *ip == *IpAddress::Parse("0.0.0.0"));
}

std::string AuthorityText(std::string_view address, std::uint16_t port) {
  const bool v6 = address.find(':') != address.npos;
  return v6 ? fmt::format("[{}]:{}", address, port) : fmt::format("{}:{}", address, port);
}

}  // namespace mcpgate::hosts
