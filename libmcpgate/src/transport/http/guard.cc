#include <algorithm>

#include "absl/strings/ascii.h"
#include "mcpgate/http_guard.h"

namespace mcpgate::http {
namespace {

std::string Lower(std::string_view text) { return absl::AsciiStrToLower({text.data(), text.size()}); }

std::set<std::string, std::less<>> LowerAll(const std::vector<std::string>& texts) {
  std::set<std::string, std::less<>> lower;
  for (const std::string& text : texts) lower.insert(Lower(text));
  return lower;
}

bool IsPort(std::string_view text) {
  return text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string HostOf(std::string_view authority) {
  std::string_view host = authority, rest;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == authority.npos) return {};
    host = authority.substr(1, close - 1);
    rest = authority.substr(close + 1);
  } else if (const std::size_t colon = authority.find(':'); colon != authority.npos) {
    host = authority.substr(0, colon);
    rest = authority.substr(colon);
  }
  if (!rest.empty() && (rest.front() != ':' || !IsPort(rest.substr(1)))) return {};
  if (host.ends_with('.')) host.remove_suffix(1);
  return Lower(host);
}

HostGuard::HostGuard(const std::vector<std::string>& hosts, const std::vector<std::string>& origins)
    : origins_(LowerAll(origins)) {
  for (const std::string& host : hosts) hosts_.insert(Lower(host));
  if (hosts_.empty()) hosts_ = {"localhost", "127.0.0.1", "::1"};
}

bool HostGuard::AllowsHost(std::string_view authority) const { return hosts_.contains(HostOf(authority)); }

bool HostGuard::AllowsOrigin(std::string_view origin) const {
  if (origins_.contains(Lower(origin))) return true;
  if (!origins_.empty()) return false;
  const std::size_t scheme = origin.find("://");
  return scheme != origin.npos && AllowsHost(origin.substr(scheme + 3));
}

std::optional<std::string> HostGuard::Check(const HttpRequest& request) const {
  bool has_host = false;
  for (const HttpHeader& header : request.headers) {
    if (EqualsIgnoreCase(header.name, "Host")) {
      has_host = true;
      if (!AllowsHost(header.value)) return "this Host is not served here; the operator can allow it";
    }
    if (EqualsIgnoreCase(header.name, "Origin") && !AllowsOrigin(header.value)) {
      return "pages of this Origin may not call; the operator can allow it";
    }
  }
  if (!has_host) return "the Host header is missing";
  return std::nullopt;
}

Credentials ReadCredentials(const HttpRequest& request) {
  constexpr std::string_view kBearer = "bearer ";
  Credentials credentials;
  credentials.source = "http ";
  credentials.source += request.peer;
  credentials.address = request.peer;
  if (const auto authorization = request.Find("Authorization")) {
    std::string_view value = *authorization;
    if (value.size() > kBearer.size() && EqualsIgnoreCase(value.substr(0, kBearer.size()), kBearer)) {
      value.remove_prefix(kBearer.size());
      while (value.starts_with(' ')) value.remove_prefix(1);
      credentials.api_key = Secret(value);
      return credentials;
    }
  }
  if (const auto key = request.Find("X-API-Key")) credentials.api_key = Secret(*key);
  return credentials;
}

}  // namespace mcpgate::http
