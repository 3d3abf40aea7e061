#include "cli/server_url.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <memory>

namespace mcpgate::hosts {
namespace {

using Parts = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

// Empty when it has no such part.
std::string Part(const Parts& parts, CURLUPart which) {
  char* value = nullptr;
  if (curl_url_get(parts.get(), which, &value, 0) != CURLUE_OK) return "";
  std::string text = value;
  curl_free(value);
  return text;
}

bool IsLoopback(const std::string& host) {
  return host == "localhost" || host == "[::1]" ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == host.npos);
}

absl::Status Wrong(const char* why) {
  return absl::InvalidArgumentError(
      fmt::format("the URL {}; write one such as http://127.0.0.1:8808/mcp", why));
}

}  // namespace

absl::StatusOr<ServerUrl> ParseServerUrl(const std::string& text) {
  const Parts parts(curl_url(), &curl_url_cleanup);
  if (parts == nullptr) return absl::ResourceExhaustedError("out of memory");
  if (text.find_first_of(" \t\r\n\"'`\\<>{}") != text.npos)
    return Wrong("has a character that none may have");
  if (curl_url_set(parts.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return Wrong("cannot be read");
  const std::string scheme = Part(parts, CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") return Wrong("is neither http nor https");
  // What is in a URL ends up in logs and lists of processes.
  if (!Part(parts, CURLUPART_USER).empty() || !Part(parts, CURLUPART_PASSWORD).empty()) {
    return Wrong("holds a user or password");
  }
  if (!Part(parts, CURLUPART_QUERY).empty() || !Part(parts, CURLUPART_FRAGMENT).empty()) {
    return Wrong("has a query or fragment");
  }
  const std::string host = Part(parts, CURLUPART_HOST);
  const std::string port = Part(parts, CURLUPART_PORT);
  ServerUrl url{.text = Part(parts, CURLUPART_URL),
                .origin = fmt::format("{}://{}{}{}", scheme, host, port.empty() ? "" : ":", port),
                .path = Part(parts, CURLUPART_PATH),
                .secure = scheme == "https",
                .loopback = IsLoopback(host)};
  return url;
}

}  // namespace mcpgate::hosts
