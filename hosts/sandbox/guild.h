// The guild: what the sandbox knows, and who may do what in it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgate/json.h"
#include "sandbox/snowflake.h"

namespace mcpgate::sandbox {

// Bits of Discord's permission integers.
constexpr std::uint64_t kAddReactions = 1ULL << 6;
constexpr std::uint64_t kViewChannel = 1ULL << 10;
constexpr std::uint64_t kSendMessages = 1ULL << 11;
constexpr std::uint64_t kManageMessages = 1ULL << 13;
constexpr std::uint64_t kEmbedLinks = 1ULL << 14;
constexpr std::uint64_t kAttachFiles = 1ULL << 15;
constexpr std::uint64_t kReadMessageHistory = 1ULL << 16;
constexpr std::uint64_t kMentionEveryone = 1ULL << 17;
constexpr std::uint64_t kConnect = 1ULL << 20;
constexpr std::uint64_t kSpeak = 1ULL << 21;

enum class ChannelType { kText = 0, kVoice = 2, kCategory = 4, kAnnouncement = 5, kForum = 15 };

struct Role {
  Snowflake id = 0;
  std::string name;
  int position = 0;
  std::uint64_t permissions = 0;
  int color = 0;
  Snowflake bot = 0;  ///< the bot this role was made for
};

struct User {
  Snowflake id = 0;
  std::string username;
  std::string global_name;
  bool is_bot = false;
};

struct Member {
  User user;
  std::vector<Snowflake> roles;
  std::int64_t joined_ms = 0;
};

struct Overwrite {
  Snowflake id = 0;  ///< a role; member overwrites are not used here
  std::uint64_t allow = 0;
  std::uint64_t deny = 0;
};

struct Message {
  Snowflake id = 0;
  Snowflake channel = 0;
  Snowflake author = 0;
  std::string content;
  std::int64_t edited_ms = 0;
  std::string webhook_name;  ///< not empty: by a webhook, and `author` is its id
  std::optional<Snowflake> reply_to;
  Json embeds;       ///< null or array
  Json attachments;  ///< null or array
  Json nonce;
  std::vector<Snowflake> mentions;
  std::vector<Snowflake> mention_roles;
  bool mention_everyone = false;
  std::int64_t flags = 0;
  bool created_here = false;
};

struct Channel {
  Snowflake id = 0;
  ChannelType type = ChannelType::kText;
  std::string name;
  std::string topic;
  Snowflake parent = 0;
  int position = 0;
  std::vector<Overwrite> overwrites;
  std::map<Snowflake, Message> messages;

  bool HasMessages() const { return type != ChannelType::kCategory && type != ChannelType::kForum; }
};

/// Guild
///
/// Not thread-safe.
struct Guild {
  Snowflake id = 0;
  std::string name;
  std::string description;
  Snowflake owner = 0;
  Snowflake bot = 0;  ///< the bot whose token this is
  std::vector<Role> roles;
  std::vector<Member> members;
  std::map<Snowflake, Channel> channels;

  Channel* FindChannel(Snowflake channel);
  const Channel* FindChannel(std::string_view channel_name) const;
  const Member* FindMember(Snowflake user) const;
  const Role* FindRole(Snowflake role) const;
  /// What the bot's roles give it, before a channel's overwrites.
  std::uint64_t BasePermissions() const;
  /// What the bot may do in `channel`.
  std::uint64_t PermissionsIn(const Channel& channel) const;
};

/// The same guild for the same seed, with all its history before July 2025.
Guild SeedGuild(std::uint64_t seed);

}  // namespace mcpgate::sandbox
