// Discord's rate limits: buckets per kind of route and major parameter, and one limit over everything.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "sandbox/http_message.h"
#include "sandbox/sandbox.h"

namespace mcpgate::sandbox {

enum class BucketKind { kCreate, kHistory, kChange, kTyping, kLookup, kIdentity };

/// Buckets
///
/// Windows open with their first request, so a reset is a fraction of a second away as often as not. Not
/// thread-safe.
class Buckets {
 public:
  explicit Buckets(const SandboxOptions& options) : options_(options) {}

  struct Verdict {
    Headers headers;                    ///< X-RateLimit-*, to be added to whatever is answered
    std::optional<HttpAnswer> refusal;  ///< the 429
  };
  /// Counts one request. `major` is the channel or guild id, 0 where a route has none.
  Verdict Take(BucketKind kind, std::uint64_t major);

 private:
  struct Window {
    Nanos ends{0};
    int used = 0;
  };
  const BucketLimit& LimitOf(BucketKind kind) const;
  std::string HashOf(BucketKind kind) const;
  Window& WindowOf(BucketKind kind, std::uint64_t major, Nanos now);

  const SandboxOptions& options_;
  Window global_;
  std::map<std::pair<BucketKind, std::uint64_t>, Window> windows_;
};

/// The 429 body and headers that all scopes share. `scope` is "user", "global" or "shared".
HttpAnswer RateLimitedAnswer(std::string_view scope, std::chrono::nanoseconds retry_after);

}  // namespace mcpgate::sandbox
