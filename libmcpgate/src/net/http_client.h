// File: net/http_client.h
//
// One HTTP exchange, and what can be known about it when it fails.
#pragma once

#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/clock.h"
#include "mcpgate/export.h"

namespace mcpgate::net {

/// HttpHeaders
///
/// In the order they came. Names compare without case (RFC 9110, 5.1). Not thread-safe.
class MCPGATE_EXPORT HttpHeaders {
 public:
  void Add(std::string name, std::string value);
  /// The first value of that name, or nullptr.
  const std::string* Find(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& lines() const { return lines_; }
  void Clear() { lines_.clear(); }

 private:
  std::vector<std::pair<std::string, std::string>> lines_;
};

struct HttpRequest {
  std::string method = "GET";  ///< GET, POST, PUT, PATCH or DELETE
  std::string url;
  HttpHeaders headers;
  std::string body;
  Nanos timeout = std::chrono::seconds(15);  ///< for the whole exchange
  std::size_t max_response = 8u << 20;       ///< bytes of body
  /// Safe to send twice: the client may repeat it by itself when a connection kept alive turns out to be
  /// dead.
  bool repeatable = false;
  /// Connect to no address but public ones, and through no proxy: for URLs that others may set. Looked at
  /// when the connection is made, so no name server can change its mind in between.
  bool public_only = false;
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;
  std::string body;
  Nanos elapsed{0};
};

/// What is known of a request that got no answer.
enum class Delivery {
  kNotSent,    ///< not a byte of it left: nothing can have happened
  kMaybeSent,  ///< the server may have done what it asked
};
MCPGATE_EXPORT absl::Status TransportError(absl::StatusCode code, std::string_view message,
                                           Delivery delivery);
/// `kMaybeSent` when the status does not say.
MCPGATE_EXPORT Delivery DeliveryOf(const absl::Status& status);

/// HttpClient
///
/// Safe for concurrent use.
class MCPGATE_EXPORT HttpClient {
 public:
  virtual ~HttpClient() = default;
  /// Any answer with a status line is a response, 500 included. Otherwise a status that `DeliveryOf` reads:
  /// InvalidArgument (the request itself), Unavailable (no connection, or it broke), DeadlineExceeded,
  /// Cancelled
  /// (`stop`), ResourceExhausted (the answer is too large, or too many exchanges at once). Never shows
  /// headers or body of the request.
  virtual absl::StatusOr<HttpResponse> Send(HttpRequest request, std::stop_token stop) = 0;
};

/// InvalidArgument unless method, URL and headers are fit to be written on a connection.
MCPGATE_EXPORT absl::Status CheckHttpRequest(const HttpRequest& request);
/// "https://discord.com" of "https://discord.com/api/v10"; for messages.
MCPGATE_EXPORT std::string_view OriginOf(std::string_view url);
/// Whether the URL's host is localhost, 127.0.0.0/8 or [::1], written as such.
MCPGATE_EXPORT bool IsLoopback(std::string_view url);

}  // namespace mcpgate::net
