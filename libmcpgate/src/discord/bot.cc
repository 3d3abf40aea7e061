#include "discord/bot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/crypto.h"
#include "mcpgate/version.h"
#include "net/curl_client.h"

namespace mcpgate {
namespace {

constexpr Nanos kLongest = std::chrono::hours(1);

bool IsVisible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

absl::Status CheckBaseUrl(std::string_view url) {
  if (!IsVisible(url) || url.find_first_of("?#@") != url.npos) {
    return absl::InvalidArgumentError("base_url may hold no white space, query, fragment or credentials");
  }
  if (absl::Status fit = net::CheckHttpRequest({.url = std::string(url)}); !fit.ok()) {
    return absl::InvalidArgumentError("base_url must look like https://discord.com/api/v10");
  }
  if (!url.starts_with("https://") && !net::IsLoopback(url)) {
    return absl::InvalidArgumentError(
        "base_url with plain http would show the bot token to the network; use https, or a loopback address");
  }
  return absl::OkStatus();
}

absl::Status CheckNumbers(const DiscordOptions& options) {
  if (options.max_attempts < 1 || options.max_attempts > 10)
    return absl::InvalidArgumentError("max_attempts must be 1 to 10");
  if (options.global_per_second < 1 || options.global_per_second > 10'000)
    return absl::InvalidArgumentError("global_per_second must be 1 to 10000");
  if (options.request_timeout <= Nanos(0) || options.request_timeout > kLongest)
    return absl::InvalidArgumentError("request_timeout must be positive and at most an hour");
  if (options.max_wait < Nanos(0) || options.max_wait > kLongest)
    return absl::InvalidArgumentError("max_wait must not be negative and at most an hour");
  if (options.clock == nullptr) return absl::InvalidArgumentError("clock must not be null");
  return absl::OkStatus();
}

double Jitter() {
  std::array<std::uint8_t, 4> bytes;
  FillRandom(bytes);
  const std::uint32_t number = bytes[0] | bytes[1] << 8 | bytes[2] << 16 | std::uint32_t{bytes[3]} << 24;
  return number / 4294967296.0;
}

// Safe for concurrent use.
class Bot : public Discord {
 public:
  explicit Bot(std::shared_ptr<DiscordRest> rest) : rest_(std::move(rest)) {}

  absl::StatusOr<std::string> WhoAmI(std::stop_token stop, Nanos patience) override {
    const RestReply reply =
        rest_->Call({.route = "/users/@me", .path = "/users/@me", .repeatable = true},
                    {.stop = std::move(stop), .deadline = rest_->clock().Steady() + patience});
    if (!reply.ok()) return ToStatus(*reply.error);
    const std::string* name = FindString(reply.body, "username");
    if (name == nullptr)
      return absl::UnavailableError("what answers at base_url does not speak Discord's API: no username");
    return OneLine(*name, 100);
  }

  std::string Concern() const override { return rest_->Concern(); }

 private:
  std::shared_ptr<DiscordRest> rest() override { return rest_; }

  const std::shared_ptr<DiscordRest> rest_;
};

}  // namespace

absl::StatusOr<DiscordOptions> CheckDiscordOptions(DiscordOptions options) {
  if (options.bot_token.empty() || !IsVisible(RevealSecret(options.bot_token))) {
    return absl::InvalidArgumentError(
        "the bot token is empty or has white space; copy it again from Discord's developer portal");
  }
  while (options.base_url.ends_with('/')) options.base_url.pop_back();
  if (absl::Status bad = CheckBaseUrl(options.base_url); !bad.ok()) return bad;
  if (absl::Status bad = CheckNumbers(options); !bad.ok()) return bad;
  if (options.user_agent.empty())
    options.user_agent = fmt::format("DiscordBot ({}, {})", MCPGATE_HOMEPAGE, kVersion);
  net::HttpRequest probe{.url = options.base_url};
  probe.headers.Add("User-Agent", options.user_agent);
  if (!net::CheckHttpRequest(probe).ok())
    return absl::InvalidArgumentError("user_agent may hold no control characters");
  if (options.nonce_key.empty()) options.nonce_key = RandomSecret();
  return options;
}

absl::StatusOr<std::shared_ptr<Discord>> NewDiscord(DiscordOptions options, RestParts parts) {
  absl::StatusOr<DiscordOptions> checked = CheckDiscordOptions(std::move(options));
  if (!checked.ok()) return checked.status();
  return std::make_shared<Bot>(std::make_shared<DiscordRest>(*std::move(checked), std::move(parts)));
}

absl::StatusOr<std::shared_ptr<Discord>> Discord::New(DiscordOptions options) {
  const Clock& clock = options.clock == nullptr ? Clock::System() : *options.clock;
  return NewDiscord(std::move(options),
                    {.client = net::NewCurlClient(), .pause = NewClockPause(clock), .jitter = &Jitter});
}

}  // namespace mcpgate
