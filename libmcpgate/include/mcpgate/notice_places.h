// File: notice_places.h
//
// Where notices go: webhooks, Slack, mail (component "discord", whose HTTP client they share). None of them
// connects to an address that is not public, unless it is told that it may: whoever can set a URL must not
// reach the machines behind it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "mcpgate/clock.h"
#include "mcpgate/export.h"
#include "mcpgate/notice.h"
#include "mcpgate/secret.h"

namespace mcpgate {

/// NoticeJson by POST, signed as Standard Webhooks has it (webhook-id, webhook-timestamp,
/// webhook-signature: v1, HMAC-SHA256). 2xx has arrived; 410 is given up; everything else is tried again.
struct WebhookOptions {
  std::string name = "webhook";
  std::string url{};           ///< https, or http where private addresses are allowed
  Secret secret{};             ///< "whsec_" and base64 of 24 to 64 bytes
  bool allow_private = false;  ///< loopback, link-local, private and reserved addresses too
  Nanos timeout = std::chrono::seconds(15);
  const Clock* clock = &Clock::System();
};
MCPGATE_EXPORT absl::StatusOr<std::shared_ptr<NoticePlace>> NewWebhookPlace(WebhookOptions options);

/// {"text": ...} by POST, as an incoming webhook of Slack takes it (and those of others who do as Slack
/// does). The URL is what gives access, so it is a secret. 400, 403, 404 and 410 are given up.
struct SlackOptions {
  std::string name = "slack";
  Secret url{};
  bool allow_private = false;
  Nanos timeout = std::chrono::seconds(15);
};
MCPGATE_EXPORT absl::StatusOr<std::shared_ptr<NoticePlace>> NewSlackPlace(SlackOptions options);

/// A mail by SMTP, with STARTTLS where the URL is smtp:// and the server not on this machine. A refusal by
/// 5xx is given up.
struct MailOptions {
  std::string name = "mail";
  std::string url{};              ///< "smtps://mail.example.org:465", "smtp://mail.example.org:587"
  std::string from{};             ///< "mcpgate@example.org"
  std::vector<std::string> to{};  ///< 1 to 16 addresses
  std::string user{};             ///< empty: no log-in
  Secret password{};
  bool allow_private = false;
  Nanos timeout = std::chrono::seconds(30);
};
MCPGATE_EXPORT absl::StatusOr<std::shared_ptr<NoticePlace>> NewMailPlace(MailOptions options);

}  // namespace mcpgate
