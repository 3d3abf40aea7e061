#include "net/http_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "absl/strings/cord.h"

namespace mcpgate::net {
namespace {

constexpr char kDeliveryPayload[] = "mcpgate/delivery";
constexpr std::string_view kNotSentMark = "not sent";

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return Lower(x) == Lower(y); });
}

bool IsVisible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

bool IsHeaderName(std::string_view name) {
  return !name.empty() && IsVisible(name) && name.find_first_of("()<>@,;:\\\"/[]?={}") == name.npos;
}

bool IsHeaderValue(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < ' ' && c != '\t') || byte == 0x7f;
  });
}

std::string_view HostOf(std::string_view url) {
  std::string_view origin = OriginOf(url);
  const std::size_t scheme = origin.find("://");
  if (scheme == origin.npos) return {};
  origin.remove_prefix(scheme + 3);
  if (origin.starts_with('[')) return origin.substr(0, origin.find(']') + 1);
  return origin.substr(0, origin.find(':'));
}

}  // namespace

void HttpHeaders::Add(std::string name, std::string value) {
  lines_.emplace_back(std::move(name), std::move(value));
}

const std::string* HttpHeaders::Find(std::string_view name) const {
  for (const auto& [known, value] : lines_) {
    if (EqualsIgnoringCase(known, name)) return &value;
  }
  return nullptr;
}

absl::Status TransportError(absl::StatusCode code, std::string_view message, Delivery delivery) {
  absl::Status status(code, std::string(message));
  if (delivery == Delivery::kNotSent)
    status.SetPayload(kDeliveryPayload, absl::Cord(std::string(kNotSentMark)));
  return status;
}

Delivery DeliveryOf(const absl::Status& status) {
  return status.GetPayload(kDeliveryPayload).has_value() ? Delivery::kNotSent : Delivery::kMaybeSent;
}

absl::Status CheckHttpRequest(const HttpRequest& request) {
  constexpr std::array<std::string_view, 5> kMethods = {"GET", "POST", "PUT", "PATCH", "DELETE"};
  const auto refuse = [](std::string message) {
    return TransportError(absl::StatusCode::kInvalidArgument, message, Delivery::kNotSent);
  };
  if (std::find(kMethods.begin(), kMethods.end(), request.method) == kMethods.end())
    return refuse("the HTTP method must be GET, POST, PUT, PATCH or DELETE");
  const bool is_http = request.url.starts_with("http://") || request.url.starts_with("https://");
  if (!is_http || !IsVisible(request.url) || HostOf(request.url).empty())
    return refuse("the URL must start with http:// or https://, name a host and hold no white space");
  for (const auto& [name, value] : request.headers.lines()) {
    if (!IsHeaderName(name)) return refuse("a header name is not valid");
    if (!IsHeaderValue(value)) return refuse(fmt::format("the value of header {} is not valid", name));
  }
  return absl::OkStatus();
}

std::string_view OriginOf(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == url.npos) return url;
  return url.substr(0, url.find_first_of("/?#", scheme + 3));
}

bool IsLoopback(std::string_view url) {
  const std::string_view host = HostOf(url);
  if (EqualsIgnoringCase(host, "localhost") || host == "[::1]") return true;
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == host.npos;
}

}  // namespace mcpgate::net
