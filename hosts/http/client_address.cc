#include "http/client_address.h"

#include <algorithm>
#include <string>

namespace mcpgate::hosts {
namespace {

std::string_view Trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

// Takes the last element of a list off `list`; the elements hold no quoted separators that matter here, since
// no address has one.
std::string_view TakeLast(std::string_view& list, char mark) {
  const std::size_t at = list.rfind(mark);
  const std::string_view last = at == list.npos ? list : list.substr(at + 1);
  list = at == list.npos ? std::string_view() : list.substr(0, at);
  return Trimmed(last);
}

// The value of `for` in one element of `Forwarded`: for="[2001:db8::1]:4711";proto=https.
std::string_view ForOf(std::string_view element) {
  while (!element.empty()) {
    std::string_view pair = TakeLast(element, ';');
    if (pair.size() < 4 || !EqualsIgnoreCase(pair.substr(0, 4), "for=")) continue;
    pair.remove_prefix(4);
    if (pair.size() >= 2 && pair.starts_with('"') && pair.ends_with('"'))
      pair = pair.substr(1, pair.size() - 2);
    return pair;
  }
  return {};
}

bool IsTrusted(const IpAddress& address, const std::vector<IpNetwork>& trusted) {
  return std::any_of(trusted.begin(), trusted.end(),
                     [&](const IpNetwork& network) { return network.Contains(address); });
}

// Several lines of one field are one list (RFC 9110, section 5.3).
std::optional<std::string> ListOf(const HttpRequest& request, std::string_view name) {
  std::optional<std::string> list;
  for (const HttpHeader& header : request.headers) {
    if (!EqualsIgnoreCase(header.name, name)) continue;
    list = list ? *list + "," + std::string(header.value) : std::string(header.value);
  }
  return list;
}

// From the right to the first address that is not trusted; what is unreadable ends the search, and the proxy
// that passed it on stands for what is behind it.
template <typename ReadElement>
IpAddress Walk(std::string_view list, IpAddress proxy, const std::vector<IpNetwork>& trusted,
               ReadElement read) {
  while (!list.empty()) {
    const std::optional<IpAddress> seen = ParseNode(read(TakeLast(list, ',')));
    if (!seen) return proxy;
    if (!IsTrusted(*seen, trusted)) return *seen;
    proxy = *seen;
  }
  return proxy;
}

}  // namespace

std::optional<IpAddress> ParseNode(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == text.npos || (close + 1 < text.size() && text[close + 1] != ':')) return std::nullopt;
    return IpAddress::Parse(text.substr(1, close - 1));
  }
  const std::size_t colon = text.find(':');
  if (colon != text.npos && text.find(':', colon + 1) == text.npos) text = text.substr(0, colon);
  return IpAddress::Parse(text);
}

std::optional<IpAddress> ClientAddress(const HttpRequest& request, const std::vector<IpNetwork>& trusted) {
  const std::optional<IpAddress> peer = IpAddress::Parse(request.peer);
  if (!peer || trusted.empty() || !IsTrusted(*peer, trusted)) return peer;
  const std::optional<std::string> plain = ListOf(request, "X-Forwarded-For");
  const std::optional<std::string> standard = ListOf(request, "Forwarded");
  std::optional<IpAddress> by_plain, by_standard;
  if (plain) by_plain = Walk(*plain, *peer, trusted, [](std::string_view element) { return element; });
  if (standard) by_standard = Walk(*standard, *peer, trusted, ForOf);
  if (by_plain && by_standard && *by_plain != *by_standard) return peer;
  return by_plain ? by_plain : by_standard ? by_standard : peer;
}

}  // namespace mcpgate::hosts
