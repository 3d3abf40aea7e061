// File: net/mail_client.h
//
// One mail over SMTP, by libcurl.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "mcpgate/clock.h"
#include "mcpgate/export.h"
#include "mcpgate/secret.h"

namespace mcpgate::net {

struct Mail {
  std::string url;              ///< smtp:// or smtps://
  std::string from;             ///< the envelope's
  std::vector<std::string> to;  ///< the envelope's
  std::string user;             ///< empty: no log-in
  Secret password;
  std::string text;  ///< header and body, lines end with CR LF
  Nanos timeout = std::chrono::seconds(30);
  bool public_only = true;
  bool needs_tls = true;  ///< STARTTLS, or nothing is sent
};

/// Waits for the server. InvalidArgument: it refused the mail for good (5xx). Unavailable or
/// DeadlineExceeded: it may be tried again. Cancelled: `stop`. Shows neither password nor text.
MCPGATE_EXPORT absl::Status SendMail(const Mail& mail, const std::stop_token& stop);

}  // namespace mcpgate::net
