#include "common/notice_places.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "common/secret_source.h"
#include "mcpgate/notice_places.h"

namespace mcpgate::hosts {
namespace {

constexpr char kHowToMakeASecret[] =
    "; make one: (umask 077; printf 'whsec_%s\\n' \"$(head -c 32 /dev/urandom | base64)\" > FILE)";

// "WebhookOptions::secret: must be ..." as the option's: "--notice-webhook-secret-file: must be ...".
absl::Status OfOption(std::string_view option, std::string_view secret, const absl::Status& status) {
  const std::string text(status.message());
  const std::size_t colons = text.find("::"), end = text.find(": ");
  if (colons == text.npos || end == text.npos) return status;
  const std::string member = text.substr(colons + 2, end - colons - 2);
  const std::string name = member == secret  ? fmt::format("{}-{}-file", option, secret)
                           : member == "url" ? std::string(option)
                                             : fmt::format("{}-{}", option, member);
  return absl::InvalidArgumentError(name + text.substr(end));
}

absl::Status Add(NoticePlaces& places, std::string_view option, std::string_view secret,
                 absl::StatusOr<std::shared_ptr<NoticePlace>> place) {
  if (!place.ok()) return OfOption(option, secret, place.status());
  places.push_back(*std::move(place));
  return absl::OkStatus();
}

absl::Status AddWebhook(const NoticeOptions& options, NoticePlaces& places) {
  absl::StatusOr<std::optional<Secret>> secret =
      ReadSecret({"secret of webhooks", "MCPGATE_NOTICE_WEBHOOK_SECRET", "MCPGATE_NOTICE_WEBHOOK_SECRET_FILE",
                  options.webhook_secret_file});
  if (!secret.ok() || options.webhook.empty()) return secret.status();
  absl::Status status = Add(places, "--notice-webhook", "secret",
                            NewWebhookPlace({.url = options.webhook,
                                             .secret = secret->value_or(Secret()),
                                             .allow_private = options.allow_private}));
  if (status.ok() || secret->has_value()) return status;
  return absl::InvalidArgumentError(std::string(status.message()) + kHowToMakeASecret);
}

absl::Status AddSlack(const NoticeOptions& options, NoticePlaces& places) {
  absl::StatusOr<std::optional<Secret>> url =
      ReadSecret({"URL of Slack's webhook", "MCPGATE_NOTICE_SLACK_URL", "MCPGATE_NOTICE_SLACK_URL_FILE",
                  options.slack_url_file});
  if (!url.ok() || !url->has_value()) return url.status();
  return Add(places, "--notice-slack", "url",
             NewSlackPlace({.url = **std::move(url), .allow_private = options.allow_private}));
}

absl::Status AddMail(const NoticeOptions& options, NoticePlaces& places) {
  absl::StatusOr<std::optional<Secret>> password =
      ReadSecret({"password of the mail server", "MCPGATE_NOTICE_MAIL_PASSWORD",
                  "MCPGATE_NOTICE_MAIL_PASSWORD_FILE", options.mail_password_file});
  if (!password.ok() || options.mail.empty()) return password.status();
  return Add(places, "--notice-mail", "password",
             NewMailPlace({.url = options.mail,
                           .from = options.mail_from,
                           .to = options.mail_to,
                           .user = options.mail_user,
                           .password = password->value_or(Secret()),
                           .allow_private = options.allow_private}));
}

}  // namespace

absl::StatusOr<NoticePlaces> ReadNoticePlaces(const NoticeOptions& options) {
  NoticePlaces places;
  for (const auto add : {&AddWebhook, &AddSlack, &AddMail}) {
    if (absl::Status status = add(options, places); !status.ok()) return status;
  }
  return places;
}

}  // namespace mcpgate::hosts
