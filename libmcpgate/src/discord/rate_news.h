// File: discord/rate_news.h
//
// What one answer of Discord says about rate limits.
#pragma once

#include <string>

#include "mcpgate/clock.h"
#include "mcpgate/export.h"
#include "net/http_client.h"

namespace mcpgate {

/// Whom a 429 stops. kUser: this bot on this bucket. kShared: everybody on this resource. kGlobal: this bot
/// everywhere. kEdge: this address, said by Cloudflare in front of Discord.
enum class RateScope { kNone, kUser, kShared, kGlobal, kEdge };

struct RateNews {
  bool settled = false;  ///< Discord itself answered, so absent headers mean that no bucket applies
  std::string bucket;    ///< opaque id, without the major parameter; empty: none announced
  int limit = 0;
  int remaining = 0;
  Nanos reset_after{0};
  RateScope limited = RateScope::kNone;  ///< a 429
  Nanos retry_after{0};                  ///< with `limited`
};

/// Reads the X-RateLimit headers, and of a 429 the body's fractional retry_after before the header's.
MCPGATE_EXPORT RateNews ReadRateNews(const net::HttpResponse& response);

}  // namespace mcpgate
