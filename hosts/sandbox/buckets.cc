#include "sandbox/buckets.h"

#include <fmt/format.h>

#include <chrono>

#include "sandbox/random.h"

namespace mcpgate::sandbox {
namespace {

constexpr std::size_t kMaxWindows = 4096;

// Rounded up, so that who waits this long is let in.
std::int64_t CeilMs(Nanos span) { return std::chrono::ceil<std::chrono::milliseconds>(span).count(); }
std::int64_t CeilSeconds(Nanos span) { return std::chrono::ceil<std::chrono::seconds>(span).count(); }
std::string Seconds(std::int64_t ms) { return fmt::format("{}.{:03}", ms / 1000, ms % 1000); }

}  // namespace

HttpAnswer RateLimitedAnswer(std::string_view scope, Nanos retry_after) {
  const Json body = {{"message", "You are being rate limited."},
                     {"retry_after", static_cast<double>(CeilMs(retry_after)) / 1000.0},
                     {"global", scope == "global"}};
  HttpAnswer answer{.status = 429, .body = DumpJson(body)};
  answer.headers.emplace_back("Retry-After", std::to_string(CeilSeconds(retry_after)));
  answer.headers.emplace_back("X-RateLimit-Scope", scope);
  if (scope == "global") answer.headers.emplace_back("X-RateLimit-Global", "true");
  return answer;
}

const BucketLimit& Buckets::LimitOf(BucketKind kind) const {
  switch (kind) {
    case BucketKind::kCreate:
      return options_.create;
    case BucketKind::kHistory:
      return options_.history;
    case BucketKind::kChange:
      return options_.change;
    case BucketKind::kTyping:
      return options_.typing;
    case BucketKind::kLookup:
      return options_.lookup;
    case BucketKind::kIdentity:
      break;
  }
  return options_.identity;
}

std::string Buckets::HashOf(BucketKind kind) const {
  Random random(options_.seed * 64 + static_cast<std::uint64_t>(kind));
  const std::uint64_t high = random.Next();
  return fmt::format("{:016x}{:016x}", high, random.Next());
}

Buckets::Window& Buckets::WindowOf(BucketKind kind, std::uint64_t major, Nanos now) {
  if (windows_.size() >= kMaxWindows) {
    std::erase_if(windows_, [now](const auto& entry) { return entry.second.ends <= now; });
    if (windows_.size() >= kMaxWindows) windows_.clear();
  }
  Window& window = windows_[{kind, major}];
  if (window.ends <= now) window = {now + LimitOf(kind).window, 0};
  return window;
}

Buckets::Verdict Buckets::Take(BucketKind kind, std::uint64_t major) {
  if (!options_.rate_limits) return {};
  const Nanos now = options_.clock->Steady();
  if (global_.ends <= now) global_ = {now + std::chrono::seconds(1), 0};
  if (global_.used >= options_.global_per_second) {
    return {{}, RateLimitedAnswer("global", global_.ends - now)};
  }
  ++global_.used;

  const BucketLimit& limit = LimitOf(kind);
  Window& window = WindowOf(kind, major, now);
  const bool is_full = window.used >= limit.limit;
  if (!is_full) ++window.used;
  const Nanos left = window.ends - now;
  const Nanos reset = options_.clock->Now().time_since_epoch() + left;
  Verdict verdict;
  verdict.headers = {{"X-RateLimit-Limit", std::to_string(limit.limit)},
                     {"X-RateLimit-Remaining", std::to_string(limit.limit - window.used)},
                     {"X-RateLimit-Reset", Seconds(CeilMs(reset))},
                     {"X-RateLimit-Reset-After", Seconds(CeilMs(left))},
                     {"X-RateLimit-Bucket", HashOf(kind)}};
  if (is_full) verdict.refusal = RateLimitedAnswer("user", left);
  return verdict;
}

}  // namespace mcpgate::sandbox
