// An incoming webhook of Slack: docs.slack.dev, "Sending messages using incoming webhooks" and "Formatting
// message text" for the three characters that are escaped.
#include <fmt/format.h>

#include <utility>

#include "mcpgate/notice_places.h"
#include "net/curl_client.h"
#include "notify/post.h"

namespace mcpgate {
namespace {

std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string TextOf(const NoticeParcel& parcel) {
  std::string text = fmt::format("*{}* {}", parcel.notice.kind, Escaped(parcel.notice.summary));
  for (const auto& [name, value] : parcel.notice.fields)
    text += fmt::format("\n{}: {}", Escaped(name), Escaped(value));
  return text;
}

// Used by one thread at a time.
class Slack final : public NoticePlace {
 public:
  explicit Slack(SlackOptions options) : options_(std::move(options)) {}

  std::string_view name() const override { return options_.name; }

  absl::Status Deliver(const NoticeParcel& parcel, std::stop_token stop) override {
    net::HttpRequest request =
        notify::JsonPost(std::string(RevealSecret(options_.url)), DumpJson({{"text", TextOf(parcel)}}),
                         options_.allow_private, options_.timeout);
    return notify::Send(*client_, std::move(request), options_.name, {400, 403, 404, 410}, std::move(stop));
  }

 private:
  const SlackOptions options_;
  const std::unique_ptr<net::HttpClient> client_ = net::NewCurlClient();
};

}  // namespace

absl::StatusOr<std::shared_ptr<NoticePlace>> NewSlackPlace(SlackOptions options) {
  if (absl::Status bad = notify::CheckUrl(RevealSecret(options.url), options.allow_private); !bad.ok())
    return absl::InvalidArgumentError(fmt::format("SlackOptions::url: {}", std::string(bad.message())));
  return std::make_shared<Slack>(std::move(options));
}

}  // namespace mcpgate
