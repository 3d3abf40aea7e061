// Standard Webhooks, version 1.0.0.
#include <fmt/format.h>

#include <utility>

#include "base/crypto.h"
#include "mcpgate/notice_places.h"
#include "net/curl_client.h"
#include "notify/post.h"

namespace mcpgate {
namespace {

constexpr std::string_view kSecretPrefix = "whsec_";

// The bytes that the text stands for.
absl::StatusOr<Secret> KeyOf(const Secret& text) {
  std::string_view encoded = RevealSecret(text);
  std::string bytes;
  const bool is_fit = encoded.starts_with(kSecretPrefix) &&
                      Base64Decode(encoded.substr(kSecretPrefix.size()), bytes) && bytes.size() >= 24 &&
                      bytes.size() <= 64;
  Secret key = Secret::Take(bytes);
  if (is_fit) return key;
  return absl::InvalidArgumentError(
      "WebhookOptions::secret: must be whsec_ and the base64 of 24 to 64 random bytes");
}

// Used by one thread at a time.
class Webhook final : public NoticePlace {
 public:
  Webhook(WebhookOptions options, Secret key) : options_(std::move(options)), key_(std::move(key)) {}

  std::string_view name() const override { return options_.name; }

  absl::Status Deliver(const NoticeParcel& parcel, std::stop_token stop) override {
    const auto now = std::chrono::floor<std::chrono::seconds>(options_.clock->Now());
    const std::string time = std::to_string(now.time_since_epoch().count());
    net::HttpRequest request = notify::JsonPost(options_.url, DumpJson(NoticeJson(parcel)),
                                                options_.allow_private, options_.timeout);
    const Digest signature = HmacSha256(key_, fmt::format("{}.{}.{}", parcel.id, time, request.body));
    request.headers.Add("webhook-id", parcel.id);
    request.headers.Add("webhook-timestamp", time);
    request.headers.Add("webhook-signature", "v1," + Base64Encode(AsView(signature)));
    return notify::Send(*client_, std::move(request), options_.name, {410}, std::move(stop));
  }

 private:
  const WebhookOptions options_;
  const Secret key_;
  const std::unique_ptr<net::HttpClient> client_ = net::NewCurlClient();
};

}  // namespace

absl::StatusOr<std::shared_ptr<NoticePlace>> NewWebhookPlace(WebhookOptions options) {
  if (absl::Status bad = notify::CheckUrl(options.url, options.allow_private); !bad.ok())
    return absl::InvalidArgumentError(fmt::format("WebhookOptions::url: {}", std::string(bad.message())));
  absl::StatusOr<Secret> key = KeyOf(options.secret);
  if (!key.ok()) return key.status();
  return std::make_shared<Webhook>(std::move(options), *std::move(key));
}

}  // namespace mcpgate
