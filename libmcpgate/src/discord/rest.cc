#include "discord/rest.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

namespace mcpgate {
namespace {

using Again = DiscordError::Again;

constexpr Nanos kFirstBackoff = std::chrono::milliseconds(250);
constexpr Nanos kLongestBackoff = std::chrono::seconds(4);
constexpr std::size_t kShortestToken = 12;

DiscordError Explain(const NoTurn& refused) {
  if (refused.why == NoTurn::Why::kStopped) {
    return ExplainSilence(net::TransportError(absl::StatusCode::kCancelled,
                                              "the call was stopped while it waited for its turn",
                                              net::Delivery::kNotSent));
  }
  if (refused.why == NoTurn::Why::kQueueFull)
    return RateLimited(refused.retry_after, "too many calls wait for this route");
  return RateLimited(refused.retry_after, refused.global ? "the bot sends too many requests in all"
                                                         : "Discord's rate limit for this route is reached");
}

bool MayRepeat(const DiscordError& error, const RestRequest& request) {
  if (error.again == Again::kWhenRepeatable) return request.repeatable;
  return error.again != Again::kNo;
}

}  // namespace

DiscordRest::DiscordRest(DiscordOptions options, RestParts parts)
    : options_(std::move(options)),
      parts_(std::move(parts)),
      buckets_({.clock = options_.clock,
                .global_per_second = options_.global_per_second,
                .max_queued = options_.max_queued},
               *parts_.pause) {}

RestReply DiscordRest::Call(const RestRequest& request, const RestCaller& caller) {
  Nanos patience = options_.max_wait;
  bool maybe_done = false;
  for (int attempt = 1;; ++attempt) {
    RestReply reply = Attempt(request, caller, patience);
    if (reply.ok()) return reply;
    DiscordError& error = *reply.error;
    maybe_done |= error.maybe_done;
    const bool again = attempt < options_.max_attempts && MayRepeat(error, request) &&
                       (error.again == Again::kOnTurn || Backoff(attempt, caller));
    if (again) continue;
    // An earlier attempt may have arrived although this one certainly did nothing.
    error.maybe_done = maybe_done;
    return reply;
  }
}

RestReply DiscordRest::Attempt(const RestRequest& request, const RestCaller& caller, Nanos& patience) {
  if (auto barred = Barred()) return {.error = std::move(barred)};
  const std::string route = fmt::format("{} {}", request.method, request.route);
  const Nanos start = clock().Steady();
  auto turn = buckets_.Wait({route, request.major}, caller.who, std::min(caller.deadline, start + patience),
                            caller.stop);
  patience -= clock().Steady() - start;
  if (const auto* refused = std::get_if<NoTurn>(&turn)) return {.error = Explain(*refused)};
  // The token may have died while this request waited.
  if (auto barred = Barred()) return {.error = std::move(barred)};
  absl::StatusOr<net::HttpResponse> response = parts_.client->Send(Compose(request, caller), caller.stop);
  if (!response.ok()) {
    RestReply reply{.error = ExplainSilence(response.status())};
    Redact(reply.error->message);
    return reply;
  }
  const RateNews news = ReadRateNews(*response);
  std::get<RateBuckets::Turn>(turn).Learn(news);
  return Read(*std::move(response), news);
}

std::optional<DiscordError> DiscordRest::Barred() const {
  if (token_refused_) return ExplainAnswer({.status = 401}, {});
  const std::optional<Nanos> stopped = invalid_.StoppedFor(clock().Steady());
  if (!stopped.has_value()) return std::nullopt;
  return RateLimited(*stopped,
                     "Discord refused so many requests that more would get this machine's address banned");
}

net::HttpRequest DiscordRest::Compose(const RestRequest& request, const RestCaller& caller) const {
  net::HttpRequest http{.method = request.method,
                        .url = options_.base_url + request.path,
                        .timeout = options_.request_timeout,
                        .repeatable = request.repeatable};
  if (caller.deadline != Nanos::max())
    http.timeout = std::min(http.timeout, caller.deadline - clock().Steady());
  http.headers.Add("Authorization", fmt::format("Bot {}", RevealSecret(options_.bot_token)));
  http.headers.Add("User-Agent", options_.user_agent);
  if (request.body.has_value()) {
    http.headers.Add("Content-Type", "application/json");
    http.body = DumpJson(*request.body);
  }
  return http;
}

RestReply DiscordRest::Read(net::HttpResponse response, const RateNews& news) {
  const int status = response.status;
  if (status == 401) token_refused_ = true;
  const bool counts_429 = news.limited != RateScope::kNone && news.limited != RateScope::kShared;
  if (status == 401 || status == 403 || counts_429) invalid_.Record(clock().Steady());
  Redact(response.body);
  if (status < 200 || status > 299) return {.error = ExplainAnswer(response, news)};
  if (response.body.empty()) return {};
  absl::StatusOr<Json> body = ParseJson(response.body);
  if (body.ok()) return {.body = *std::move(body)};
  DiscordError error;
  error.message =
      fmt::format("Discord's answer (HTTP {}) is {}", status, std::string(body.status().message()));
  error.http_status = status;
  error.again = Again::kWhenRepeatable;
  error.maybe_done = true;
  return {.error = std::move(error)};
}

// Whatever comes back, in an error or quoted in a message: the token does not pass. A token so short that it
// may be part of a word is none of Discord's.
void DiscordRest::Redact(std::string& text) const {
  constexpr std::string_view kShown = "[secret]";
  const std::string_view token = RevealSecret(options_.bot_token);
  if (token.size() < kShortestToken) return;
  for (std::size_t at = text.find(token); at != text.npos; at = text.find(token, at + kShown.size()))
    text.replace(at, token.size(), kShown);
}

// False when there is no time or no wish left for another attempt.
bool DiscordRest::Backoff(int attempt, const RestCaller& caller) {
  const Nanos span = std::min(kFirstBackoff * (1 << std::min(attempt - 1, 10)), kLongestBackoff);
  const auto wait =
      Nanos(static_cast<std::int64_t>(static_cast<double>(span.count()) * (0.5 + parts_.jitter() / 2)));
  const Nanos until = clock().Steady() + wait;
  if (until >= caller.deadline) return false;
  Mutex mutex;
  std::condition_variable_any never;
  CondLock lock(mutex);
  while (clock().Steady() < until && !caller.stop.stop_requested())
    parts_.pause->Until(lock, never, caller.stop, until, [] { return false; });
  return !caller.stop.stop_requested();
}

std::string DiscordRest::Concern() const {
  if (token_refused_) return "Discord refused the bot token; no request is sent any more";
  const std::int64_t refused = invalid_.Count(clock().Steady());
  if (refused < InvalidRequests::kConcern) return {};
  return fmt::format(
      "Discord refused {} requests in the last ten minutes; at {} this server stops sending, at 10000 "
      "Discord "
      "bans the machine's address",
      refused, InvalidRequests::kStop);
}

}  // namespace mcpgate
