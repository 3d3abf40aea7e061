// File: sandbox/sandbox.h
//
// A small believable Discord on loopback, so that everything runs with no token and the REST adapter under
// test is the real one:
//
//   auto sandbox = Sandbox::Start({.seed = 7});
//   auto discord = Discord::New({.bot_token = (*sandbox)->token(), .base_url = (*sandbox)->base_url()});
//
// It has one guild with channels, roles, members and history, real snowflakes, pagination, the nonce window,
// Discord's error bodies and rate-limit headers. It knows nothing of the gate.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "mcpgate/clock.h"
#include "mcpgate/json.h"
#include "mcpgate/secret.h"

namespace mcpgate {

/// So many requests in a window that opens with its first request.
struct BucketLimit {
  int limit = 0;
  std::chrono::milliseconds window{0};
};

struct SandboxOptions {
  std::uint16_t port = 0;                ///< 0: any free one; always on 127.0.0.1
  Secret bot_token;                      ///< empty: a random one for this run
  std::uint64_t seed = 1;                ///< the same seed gives the same guild, ids and history
  std::chrono::milliseconds latency{0};  ///< added to every answer
  bool message_content = true;           ///< false: as a bot without the MESSAGE_CONTENT intent sees it
  /// How long a nonce is remembered; Discord says "the past few minutes".
  std::chrono::milliseconds nonce_window = std::chrono::minutes(5);

  bool rate_limits = true;
  int global_per_second = 50;
  int invalid_before_ban =
      10'000;  ///< answers 401, 403, 429 in ten minutes, then HTML 429 until they are over
  BucketLimit create{5, std::chrono::seconds(5)};     ///< POST messages, per channel
  BucketLimit history{10, std::chrono::seconds(5)};   ///< GET messages, one or many, per channel
  BucketLimit change{5, std::chrono::seconds(4)};     ///< PATCH and DELETE message, per channel
  BucketLimit typing{5, std::chrono::seconds(5)};     ///< POST typing, per channel
  BucketLimit lookup{20, std::chrono::seconds(5)};    ///< GET guild, its channels, a channel; per id
  BucketLimit identity{20, std::chrono::seconds(5)};  ///< GET /users/@me and its guilds

  std::size_t max_body = 1 << 20;
  std::size_t max_header = 16 << 10;
  std::size_t max_connections = 64;  ///< further ones wait until one closes
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(60);
  std::size_t max_messages = 20'000;  ///< per channel; the oldest go first
  std::size_t max_log = 1'000;        ///< requests remembered; the oldest go first
  const Clock* clock = &Clock::System();
};

/// A message as the sandbox holds it.
struct SandboxMessage {
  std::string id;
  std::string channel_id;
  std::string author_id;
  std::string content;
  Json nonce;  ///< as sent; null when none
  std::string reply_to;
  bool created_here = false;  ///< by a request, not by the seed
  bool edited = false;
  WallTime created;
};

/// A request as it arrived. `Authorization` is shown as "valid" or "invalid" only.
struct SandboxRequest {
  std::string method;
  std::string path;  ///< without the query
  std::string query;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  ///< its first 16 KiB
  int status = 0;    ///< of the answer; 0 when the connection was cut instead
  std::uint64_t connection = 0;
  WallTime at;

  /// Nullptr when absent. Names compare without case.
  const std::string* Header(std::string_view name) const;
};

struct SandboxCounters {
  std::uint64_t connections = 0;
  std::uint64_t requests = 0;
  std::uint64_t created = 0;       ///< messages, by requests
  std::uint64_t deduplicated = 0;  ///< creates answered with the first message of their nonce
  std::uint64_t rate_limited = 0;  ///< 429 of the sandbox's own limits
  std::uint64_t faults = 0;        ///< answers replaced or cut
};

/// Which requests a fault is for: the method (empty: any) and a part of the path (empty: any).
struct SandboxRoute {
  std::string method;
  std::string path_part;
};

/// What to do to a request instead of, or on top of, answering it.
struct SandboxFault {
  enum class Cut {
    kNo,
    kBeforeAnswer,  ///< the connection closes with no byte of an answer
    kInAnswer,      ///< the connection closes in the middle of the answer
  };
  int status = 0;  ///< 0: the real answer
  std::string body;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  bool commit = false;  ///< the request takes effect although its answer is replaced or lost
  Cut cut = Cut::kNo;
  std::chrono::milliseconds delay{0};
  int times = 1;

  /// An upstream failure (500, 502, 503, 520-524) with the page that comes with it.
  static SandboxFault Status(int status);
  /// The HTML 429 of a Cloudflare ban: no X-RateLimit headers, no Via.
  static SandboxFault CloudflareBan();
  /// A 429 of scope "user", "global" or "shared".
  static SandboxFault RateLimited(std::string_view scope, std::chrono::milliseconds retry_after);
  static SandboxFault CutBeforeCommit();
  static SandboxFault CutAfterCommit();
  static SandboxFault Delay(std::chrono::milliseconds delay);
};

namespace sandbox {
class Service;
class Listener;
}  // namespace sandbox

/// Sandbox
///
/// Serves from one thread of its own until destroyed. Safe for concurrent use.
class Sandbox {
 public:
  /// Unavailable when the port is taken.
  static absl::StatusOr<std::unique_ptr<Sandbox>> Start(SandboxOptions options = {});
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  /// "http://127.0.0.1:<port>/api/v10".
  const std::string& base_url() const { return base_url_; }
  /// Counters, channels and created messages with their nonces as JSON, for tests in other processes.
  const std::string& state_url() const { return state_url_; }
  const Secret& token() const { return token_; }

  std::string guild_id() const;
  std::string bot_id() const;
  /// Id of the channel called `name` ("general", "staff"), empty when there is none.
  std::string ChannelId(std::string_view name) const;

  /// Oldest first; empty for an unknown channel.
  std::vector<SandboxMessage> Messages(std::string_view channel_id) const;
  /// The latest requests, oldest first.
  std::vector<SandboxRequest> RequestLog() const;
  SandboxCounters counters() const;

  /// The next `fault.times` requests to `route` meet the fault. Faults for one route queue up.
  void FailNext(SandboxRoute route, SandboxFault fault);
  void ClearFaults();

 private:
  Sandbox();
  Secret token_;
  std::string base_url_;
  std::string state_url_;
  std::unique_ptr<sandbox::Service> service_;
  std::unique_ptr<sandbox::Listener> listener_;  // after service_: stops first
};

}  // namespace mcpgate
