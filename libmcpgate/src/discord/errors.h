// File: discord/errors.h
//
// Why a request to Discord failed, in words somebody can act on, and what is known of its effect.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "discord/rate_news.h"
#include "mcpgate/clock.h"
#include "mcpgate/export.h"
#include "mcpgate/json.h"
#include "net/http_client.h"

namespace mcpgate {

struct DiscordError {
  enum class Kind {
    kInvalid,      ///< the request itself: change it
    kNotFound,     ///< no such channel, guild, message
    kForbidden,    ///< the bot may not
    kRateLimited,  ///< later; see retry_after
    kBadToken,     ///< nothing works until an operator acts
    kUnreachable,  ///< no answer
    kFailed,       ///< Discord's own trouble
    kStopped,      ///< the caller gave up
  };
  /// Whether sending the request again may help.
  enum class Again {
    kNo,
    kWhenRepeatable,  ///< if doing it twice does no harm
    kWhenUnsent,      ///< it certainly had no effect: yes
    kOnTurn,          ///< yes, when the rate limit lets it leave
  };

  Kind kind = Kind::kFailed;
  std::string message;
  int http_status = 0;
  std::int64_t code = 0;  ///< Discord's
  std::optional<Nanos> retry_after;
  Again again = Again::kNo;
  bool maybe_done = false;  ///< the effect may have happened all the same
};

/// "rate_limited", "not_found" ...; stable, for programs.
MCPGATE_EXPORT std::string_view DiscordErrorKindName(DiscordError::Kind kind);
MCPGATE_EXPORT absl::Status ToStatus(const DiscordError& error);

/// What an answer outside 2xx means.
MCPGATE_EXPORT DiscordError ExplainAnswer(const net::HttpResponse& response, const RateNews& news);
/// What no answer at all means.
MCPGATE_EXPORT DiscordError ExplainSilence(const absl::Status& transport);
MCPGATE_EXPORT DiscordError RateLimited(Nanos retry_after, std::string_view what);

/// The tree of a form error, one line a leaf: "embeds[0].title: Must be 256 or fewer in length." At most
/// `max_lines`; what is left out is said.
MCPGATE_EXPORT std::vector<std::string> FlattenFormErrors(const Json& errors, std::size_t max_lines = 10);

/// Text from outside as it may stand in one line of ours: no control characters, at most `max_bytes`.
MCPGATE_EXPORT std::string OneLine(std::string_view text, std::size_t max_bytes);

}  // namespace mcpgate
