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

class DiscordRest;

struct DiscordOptions {
  Secret bot_token{};
  /// Plain http only to a loopback address: it would show the token to the network.
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
/// One bot: its connections, its rate-limit buckets, and a count of refused requests that stops it before
/// Discord bans the machine's address. Starts nothing and connects nowhere until first used. Safe for
/// concurrent use.
class MCPGATE_EXPORT Discord {
 public:
  /// InvalidArgument when the token is empty or has white space, the URL is not https (or http to loopback),
  /// or a number is out of range.
  static absl::StatusOr<std::shared_ptr<Discord>> New(DiscordOptions options);
  virtual ~Discord() = default;
  /// Asks who the bot is (GET /users/@me): its name, or why Discord cannot be reached. Gives up after
  /// `patience`.
  virtual absl::StatusOr<std::string> WhoAmI(std::stop_token stop,
                                             Nanos patience = std::chrono::seconds(15)) = 0;
  /// What an operator should know (the token was refused, many requests are); empty when all is well. Asks
  /// nobody.
  virtual std::string Concern() const = 0;

 private:
  friend MCPGATE_EXPORT absl::Status AddDiscordTools(Registry& registry, std::shared_ptr<Discord> discord);
  virtual std::shared_ptr<DiscordRest> rest() = 0;
};

/// Adds discord_send_message, discord_read_messages, discord_get_channel and discord_list_channels.
MCPGATE_EXPORT absl::Status AddDiscordTools(Registry& registry, std::shared_ptr<Discord> discord);

/// What check_server_status tells beside the limits of its caller.
struct StatusSources {
  std::function<absl::Status()> store{};  ///< null: no store
  std::shared_ptr<Discord> discord{};     ///< null: no Discord
  std::string server_version{};           ///< empty: the library's
  const Clock* clock = &Clock::System();
};
/// Adds check_server_status: version, uptime, store, Discord, and the caller's own limits left. Discord is
/// asked for at most 2 s, and not more often than every 10 s however often the tool is called.
MCPGATE_EXPORT absl::Status AddStatusTool(Registry& registry, StatusSources sources);

}  // namespace mcpgate
