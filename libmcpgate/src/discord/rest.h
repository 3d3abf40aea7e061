// File: discord/rest.h
//
// Requests to Discord's REST API: paced by its rate limits, repeated only when that does no harm.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "discord/buckets.h"
#include "discord/errors.h"
#include "discord/invalid_requests.h"
#include "discord/pause.h"
#include "mcpgate/discord.h"
#include "mcpgate/export.h"
#include "mcpgate/json.h"
#include "net/http_client.h"

namespace mcpgate {

struct RestRequest {
  std::string method = "GET";
  std::string route;  ///< the path's template, "/channels/{channel}/messages"
  std::string major;  ///< the id Discord counts by: channel, guild or webhook; empty for others
  std::string path;   ///< "/channels/41771983423143937/messages?limit=50"
  std::optional<Json> body;
  bool repeatable = false;  ///< a GET, or a send with an enforced nonce
};

/// For whom, and for how long.
struct RestCaller {
  std::string_view who;  ///< callers of one bucket take turns
  std::stop_token stop;
  Nanos deadline = Nanos::max();  ///< Clock::Steady()
};

/// What Discord answered: a body, or why there is none.
struct RestReply {
  Json body;
  std::optional<DiscordError> error;
  bool ok() const { return !error.has_value(); }
};

struct RestParts {
  std::unique_ptr<net::HttpClient> client;
  std::unique_ptr<Pause> pause;
  std::function<double()> jitter;  ///< [0, 1); must be safe for concurrent use
};

/// DiscordRest
///
/// Safe for concurrent use.
class MCPGATE_EXPORT DiscordRest {
 public:
  DiscordRest(DiscordOptions options, RestParts parts);

  RestReply Call(const RestRequest& request, const RestCaller& caller);
  /// What an operator should know, or nothing: a dead token, many refused requests.
  std::string Concern() const;
  const Clock& clock() const { return *options_.clock; }
  const Secret& nonce_key() const { return options_.nonce_key; }

 private:
  /// Takes what it waited for its turn off `patience`.
  RestReply Attempt(const RestRequest& request, const RestCaller& caller, Nanos& patience);
  std::optional<DiscordError> Barred() const;
  net::HttpRequest Compose(const RestRequest& request, const RestCaller& caller) const;
  RestReply Read(net::HttpResponse response, const RateNews& news);
  void Redact(std::string& text) const;
  bool Backoff(int attempt, const RestCaller& caller);

  const DiscordOptions options_;
  const RestParts parts_;
  RateBuckets buckets_;
  InvalidRequests invalid_;
  std::atomic<bool> token_refused_{false};
};

}  // namespace mcpgate
