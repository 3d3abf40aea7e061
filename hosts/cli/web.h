// File: cli/web.h
//
// Asks servers over HTTP, as a client of theirs would.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "mcpgate/clock.h"

namespace mcpgate::hosts {

struct WebRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

struct WebAnswer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  Nanos took{0};

  /// The first of that name, compared without case.
  std::optional<std::string> Find(std::string_view name) const;
};

struct WebOptions {
  std::string ca_file;  ///< PEM; empty: the system's
  Nanos timeout = std::chrono::seconds(10);
};

/// One exchange with libcurl: TLS 1.2 and newer, the certificate checked against `ca_file` or the system's,
/// no redirects, no proxy, at most 4 MiB of body. Unavailable: no connection, or it broke;
/// FailedPrecondition: the certificate does not hold; DeadlineExceeded; ResourceExhausted: the answer is too
/// large.
absl::StatusOr<WebAnswer> AskWeb(const WebRequest& request, const WebOptions& options);

}  // namespace mcpgate::hosts
