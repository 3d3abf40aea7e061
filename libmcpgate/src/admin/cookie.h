// File: admin/cookie.h
//
// The session of a browser: in a cookie that no script can read, with a token beside it that only scripts of
// our own pages know.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "mcpgate/gate.h"
#include "mcpgate/http_message.h"
#include "mcpgate/secret.h"

namespace mcpgate::admin {

/// What a browser shall keep, or forget.
struct SessionCookie {
  Secret token{};  ///< a session's; empty: forget what is kept
  std::chrono::seconds lifetime{0};
};

/// The value of `Set-Cookie`: out of reach for scripts and for requests that other sites cause. Over TLS
/// (`secure`) it goes over TLS alone, and its name has the prefix that keeps neighbouring hosts from setting
/// it (RFC 6265bis, 4.1.3.2).
std::string SetCookieText(const SessionCookie& cookie, bool secure);

/// Who asks. A key in the headers goes before the cookie.
struct Identity {
  Credentials credentials{};
  bool is_browser = false;  ///< it is the cookie's session that asks
};
Identity IdentityOf(const HttpRequest& request);

/// What shows, in `X-CSRF-Token`, that a page of ours makes the request: keyed by the session itself, so that
/// it needs no store, and is worth nothing without the cookie.
std::string CsrfTokenOf(const Secret& session);

/// Whether the request is safe from being somebody else's idea: it reads, shows a key of its own, or shows
/// the token of its session. Compares in constant time.
bool IsOwnIdea(const HttpRequest& request, const Identity& identity);

}  // namespace mcpgate::admin
