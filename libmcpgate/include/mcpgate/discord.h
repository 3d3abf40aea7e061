// File: discord.h
//
// Discord tools an agent may be trusted with, over REST (component "discord").
//
// Every tool that touches a channel asks `CallContext::Authorize("discord:channel:<id>")`, so a key without a
// channel list reaches nothing. Nothing has been tried against discord.com; the tests use the sandbox in
// hosts/sandbox.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "mcpgate/clock.h"
#include "mcpgate/export.h"
#include "mcpgate/registry.h"
#include "mcpgate/secret.h"

namespace mcpgate {

struct DiscordOptions {
  Secret bot_token{};
  std::string base_url = "https://discord.com/api/v10";
  std::string user_agent{};                  ///< empty: DiscordBot (<homepage>, <version>)
  Nanos max_wait = std::chrono::seconds(5);  ///< longest wait for a rate limit inside a call
  Nanos request_timeout = std::chrono::seconds(15);
  int max_attempts = 3;         ///< for requests that are safe to repeat
  int global_per_second = 50;   ///< requests a second of one bot
  std::size_t max_queued = 64;  ///< requests that wait for one bucket
  /// Keys the nonce of a send, so that nobody can guess another's; empty: random for this process.
  Secret nonce_key{};
  const Clock* clock = &Clock::System();
};

/// Discord
///
/// One bot: its connections and its rate-limit buckets. Safe for concurrent use.
class MCPGATE_EXPORT Discord {
 public:
  /// InvalidArgument when the token is empty or has white space, or the URL is not http(s).
  static absl::StatusOr<std::shared_ptr<Discord>> New(DiscordOptions options);
  virtual ~Discord() = default;
  /// Asks who the bot is (GET /users/@me): its name, or why Discord cannot be reached.
  virtual absl::StatusOr<std::string> WhoAmI(std::stop_token stop) = 0;
};

/// Adds discord_send_message, discord_read_messages, discord_get_channel and discord_list_channels.
MCPGATE_EXPORT absl::Status AddDiscordTools(Registry& registry, std::shared_ptr<Discord> discord);

/// What check_server_status tells beside the limits of its caller.
struct StatusSources {
  std::function<absl::Status()> store{};  ///< null: no store
  std::shared_ptr<Discord> discord{};     ///< null: no Discord
  std::string server_version{};
  const Clock* clock = &Clock::System();
};
/// Adds check_server_status: version, uptime, store, Discord, and the caller's own limits left.
MCPGATE_EXPORT absl::Status AddStatusTool(Registry& registry, StatusSources sources);

}  // namespace mcpgate
