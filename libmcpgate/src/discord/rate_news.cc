#include "discord/rate_news.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "mcpgate/json.h"

namespace mcpgate {
namespace {

constexpr double kLongestSeconds = 7.0 * 24 * 3600;
constexpr Nanos kEdgeDefault = std::chrono::minutes(1);
constexpr Nanos kLimitedDefault = std::chrono::seconds(1);

// Rounded up: a nanosecond too early would be one request too many.
std::optional<Nanos> Seconds(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return std::nullopt;
  return Nanos(static_cast<std::int64_t>(std::ceil(std::min(seconds, kLongestSeconds) * 1e9)));
}

template <typename Number>
std::optional<Number> HeaderNumber(const net::HttpResponse& response, std::string_view name) {
  const std::string* text = response.headers.Find(name);
  if (text == nullptr) return std::nullopt;
  Number value{};
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return value;
}

std::optional<Nanos> HeaderSeconds(const net::HttpResponse& response, std::string_view name) {
  const auto seconds = HeaderNumber<double>(response, name);
  return seconds.has_value() ? Seconds(*seconds) : std::nullopt;
}

bool HeaderIs(const net::HttpResponse& response, std::string_view name, std::string_view value) {
  const std::string* text = response.headers.Find(name);
  return text != nullptr && *text == value;
}

RateScope ScopeOf(const net::HttpResponse& response, const Json* body) {
  if (body == nullptr && response.headers.Find("X-RateLimit-Scope") == nullptr &&
      response.headers.Find("X-RateLimit-Bucket") == nullptr) {
    return RateScope::kEdge;
  }
  const bool global = HeaderIs(response, "X-RateLimit-Scope", "global") ||
                      HeaderIs(response, "X-RateLimit-Global", "true") ||
                      (body != nullptr && BoolOr(*body, "global", false));
  if (global) return RateScope::kGlobal;
  return HeaderIs(response, "X-RateLimit-Scope", "shared") ? RateScope::kShared : RateScope::kUser;
}

void ReadLimited(const net::HttpResponse& response, RateNews& news) {
  const absl::StatusOr<Json> parsed = ParseJson(response.body);
  const Json* body = parsed.ok() && parsed->is_object() ? &*parsed : nullptr;
  news.limited = ScopeOf(response, body);
  std::optional<Nanos> wait;
  if (body != nullptr) wait = Seconds(NumberOr(*body, "retry_after", -1));
  if (!wait.has_value()) wait = HeaderSeconds(response, "Retry-After");
  if (!wait.has_value() && news.reset_after > Nanos(0)) wait = news.reset_after;
  news.retry_after = wait.value_or(news.limited == RateScope::kEdge ? kEdgeDefault : kLimitedDefault);
}

}  // namespace

RateNews ReadRateNews(const net::HttpResponse& response) {
  RateNews news;
  news.settled = response.status < 500 && response.status != 429;
  const auto limit = HeaderNumber<int>(response, "X-RateLimit-Limit");
  const auto remaining = HeaderNumber<int>(response, "X-RateLimit-Remaining");
  if (limit.value_or(0) > 0 && remaining.has_value()) {
    news.limit = *limit;
    news.remaining = std::clamp(*remaining, 0, *limit);
    if (const std::string* id = response.headers.Find("X-RateLimit-Bucket")) news.bucket = id->substr(0, 128);
  }
  news.reset_after = HeaderSeconds(response, "X-RateLimit-Reset-After").value_or(Nanos(0));
  if (response.status == 429) ReadLimited(response, news);
  return news;
}

}  // namespace mcpgate
