// File: http_message.h
//
// An HTTP request and its answer as plain data, free of any HTTP library.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mcpgate/export.h"

namespace mcpgate {

/// One field line. `value` is without surrounding whitespace.
struct HttpHeader {
  std::string_view name, value;
};

/// For `EqualsIgnoreCase` alone: both are of one size.
MCPGATE_EXPORT bool SameLettersIgnoreCase(std::string_view a, std::string_view b);
/// ASCII only, as names of fields and tokens are compared (RFC 9110, section 5.1). Inline, for most names are
/// told apart by their length, and a call asks hundreds of times.
inline bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && SameLettersIgnoreCase(a, b);
}

/// The first field of that name (compared without case), or nullopt.
MCPGATE_EXPORT std::optional<std::string_view> FindHeader(std::span<const HttpHeader> headers,
                                                          std::string_view name);

/// What a client asks. Views: they live as long as the call they are passed to.
struct HttpRequest {
  std::string_view method;
  std::string_view target;  ///< path and query, as sent
  std::span<const HttpHeader> headers;
  std::string_view body;
  std::string_view peer;  ///< the address at the other end of the connection: "203.0.113.7", "2001:db8::1"
  bool secure = false;    ///< came over TLS

  std::optional<std::string_view> Find(std::string_view name) const { return FindHeader(headers, name); }
};

/// Content-Length, Transfer-Encoding, Date and Connection are the listener's business and left out here. An
/// answer that is none (a status below 200, a header that would end early) becomes a 500.
struct HttpResponse {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
};

}  // namespace mcpgate
