#include "admin/cookie.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/crypto.h"
#include "mcpgate/http_guard.h"

namespace mcpgate::admin {
namespace {

constexpr std::size_t kMaxHashKey = 64;  // of BLAKE2b

std::string_view CookieName(bool secure) { return secure ? "__Host-mcpgate" : "mcpgate"; }

std::string_view Trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// RFC 6265, 5.4: a browser sends one Cookie line, "a=1; b=2".
std::string_view FindCookie(std::string_view line, std::string_view name) {
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(';'), line.size());
    const std::string_view pair = Trimmed(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
    const std::size_t equals = pair.find('=');
    if (equals != pair.npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
  }
  return {};
}

}  // namespace

std::string SetCookieText(const SessionCookie& cookie, bool secure) {
  return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}", CookieName(secure),
                     RevealSecret(cookie.token), cookie.lifetime.count(), secure ? "; Secure" : "");
}

Identity IdentityOf(const HttpRequest& request) {
  Identity identity{.credentials = http::ReadCredentials(request)};
  if (request.Find("Authorization") || request.Find("X-API-Key")) return identity;
  const std::string_view token = FindCookie(request.Find("Cookie").value_or(""), CookieName(request.secure));
  identity.is_browser = !token.empty();
  identity.credentials.api_key = Secret(token);
  return identity;
}

std::string CsrfTokenOf(const Secret& session) {
  std::string_view bytes = RevealSecret(session);
  if (bytes.size() > kMaxHashKey) bytes.remove_prefix(bytes.size() - kMaxHashKey);
  return Base64UrlEncode(AsView(KeyedHash(Secret(bytes), "mcpgate csrf", "")));
}

bool IsOwnIdea(const HttpRequest& request, const Identity& identity) {
  if (!identity.is_browser || request.method == "GET" || request.method == "HEAD") return true;
  const auto shown = request.Find("X-CSRF-Token");
  return shown && Secret(CsrfTokenOf(identity.credentials.api_key)) == Secret(*shown);
}

}  // namespace mcpgate::admin
