#include "sandbox/guild_json.h"

#include <algorithm>
#include <string>

namespace mcpgate::sandbox {
namespace {

std::string Text(Snowflake id) { return std::to_string(id); }

Json TextOrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json IdOrNull(Snowflake id) { return id == 0 ? Json(nullptr) : Json(Text(id)); }

Json AuthorJson(const Guild& guild, const Message& message) {
  if (message.webhook_name.empty()) {
    if (const Member* member = guild.FindMember(message.author)) return UserJson(member->user);
  }
  Json author = UserJson({message.author, message.webhook_name, "", true});
  author["discriminator"] = "0000";
  return author;
}

Json OverwritesJson(const Channel& channel) {
  Json overwrites = Json::array();
  for (const Overwrite& overwrite : channel.overwrites) {
    overwrites.push_back({{"id", Text(overwrite.id)},
                          {"type", 0},
                          {"allow", std::to_string(overwrite.allow)},
                          {"deny", std::to_string(overwrite.deny)}});
  }
  return overwrites;
}

bool IsReadable(const Guild& guild, const Message& message, bool content_visible) {
  return content_visible || message.author == guild.bot ||
         std::count(message.mentions.begin(), message.mentions.end(), guild.bot) > 0;
}

void AddMentions(Json& json, const Guild& guild, const Message& message) {
  json["mention_everyone"] = message.mention_everyone;
  json["mentions"] = Json::array();
  for (const Snowflake user : message.mentions) {
    if (const Member* member = guild.FindMember(user)) json["mentions"].push_back(UserJson(member->user));
  }
  json["mention_roles"] = Json::array();
  for (const Snowflake role : message.mention_roles) json["mention_roles"].push_back(Text(role));
}

void AddContent(Json& json, const Message& message, bool is_readable) {
  json["content"] = is_readable ? message.content : "";
  json["embeds"] = is_readable && message.embeds.is_array() ? message.embeds : Json::array();
  json["attachments"] = is_readable && message.attachments.is_array() ? message.attachments : Json::array();
  json["components"] = Json::array();
}

Json PlainMessageJson(const Guild& guild, const Message& message, bool content_visible) {
  Json json = {
      {"id", Text(message.id)},
      {"channel_id", Text(message.channel)},
      {"type", message.reply_to ? 19 : 0},
      {"author", AuthorJson(guild, message)},
      {"timestamp", TimeText(UnixMs(message.id))},
      {"edited_timestamp", message.edited_ms == 0 ? Json(nullptr) : Json(TimeText(message.edited_ms))},
      {"tts", false},
      {"pinned", false},
      {"flags", message.flags}};
  AddContent(json, message, IsReadable(guild, message, content_visible));
  AddMentions(json, guild, message);
  if (!message.webhook_name.empty()) json["webhook_id"] = Text(message.author);
  if (message.reply_to) {
    json["message_reference"] = {{"type", 0},
                                 {"message_id", Text(*message.reply_to)},
                                 {"channel_id", Text(message.channel)},
                                 {"guild_id", Text(guild.id)}};
  }
  return json;
}

}  // namespace

Json UserJson(const User& user) {
  Json json = {{"id", Text(user.id)},
               {"username", user.username},
               {"discriminator", user.is_bot ? "4821" : "0"},
               {"global_name", TextOrNull(user.global_name)},
               {"avatar", nullptr},
               {"public_flags", 0}};
  if (user.is_bot) json["bot"] = true;
  return json;
}

Json SelfJson(const Guild& guild) {
  const Member* self = guild.FindMember(guild.bot);
  Json json = self == nullptr ? Json::object() : UserJson(self->user);
  json["flags"] = 0;
  json["mfa_enabled"] = true;
  json["locale"] = "en-US";
  json["verified"] = true;
  json["email"] = nullptr;
  json["bio"] = "Keeps the lamps lit.";
  return json;
}

Json GuildSummaryJson(const Guild& guild, bool with_counts) {
  Json json = {{"id", Text(guild.id)},
               {"name", guild.name},
               {"icon", nullptr},
               {"banner", nullptr},
               {"owner", guild.owner == guild.bot},
               {"permissions", std::to_string(guild.BasePermissions())},
               {"features", {"COMMUNITY", "NEWS"}}};
  if (with_counts) {
    json["approximate_member_count"] = guild.members.size();
    json["approximate_presence_count"] = guild.members.size() / 2;
  }
  return json;
}

Json RoleJson(const Role& role) {
  Json json = {{"id", Text(role.id)},
               {"name", role.name},
               {"position", role.position},
               {"permissions", std::to_string(role.permissions)},
               {"color", role.color},
               {"hoist", role.position > 2},
               {"managed", role.bot != 0},
               {"mentionable", false},
               {"icon", nullptr},
               {"unicode_emoji", nullptr},
               {"flags", 0}};
  if (role.bot != 0) json["tags"] = {{"bot_id", Text(role.bot)}};
  return json;
}

Json GuildJson(const Guild& guild, bool with_counts) {
  Json json = {{"id", Text(guild.id)},
               {"name", guild.name},
               {"description", guild.description},
               {"icon", nullptr},
               {"owner_id", Text(guild.owner)},
               {"features", {"COMMUNITY", "NEWS"}},
               {"emojis", Json::array()},
               {"stickers", Json::array()},
               {"verification_level", 1},
               {"default_message_notifications", 1},
               {"explicit_content_filter", 2},
               {"mfa_level", 0},
               {"nsfw_level", 0},
               {"premium_tier", 0},
               {"preferred_locale", "en-US"},
               {"afk_timeout", 300},
               {"system_channel_flags", 0}};
  json["roles"] = Json::array();
  for (const Role& role : guild.roles) json["roles"].push_back(RoleJson(role));
  if (with_counts) {
    json["approximate_member_count"] = guild.members.size();
    json["approximate_presence_count"] = guild.members.size() / 2;
  }
  return json;
}

Json ChannelJson(const Guild& guild, const Channel& channel) {
  Json json = {{"id", Text(channel.id)},
               {"type", static_cast<int>(channel.type)},
               {"guild_id", Text(guild.id)},
               {"name", channel.name},
               {"position", channel.position},
               {"parent_id", IdOrNull(channel.parent)},
               {"permission_overwrites", OverwritesJson(channel)},
               {"flags", 0}};
  if (channel.type == ChannelType::kCategory) return json;
  json["nsfw"] = false;
  json["rate_limit_per_user"] = 0;
  json["last_message_id"] = IdOrNull(channel.messages.empty() ? 0 : channel.messages.rbegin()->first);
  if (channel.type == ChannelType::kVoice) {
    json["bitrate"] = 64'000;
    json["user_limit"] = 0;
    json["rtc_region"] = nullptr;
  } else {
    json["topic"] = TextOrNull(channel.topic);
  }
  if (channel.type == ChannelType::kForum) json["available_tags"] = Json::array();
  return json;
}

Json MessageJson(const Guild& guild, const Channel& channel, const Message& message, bool content_visible) {
  Json json = PlainMessageJson(guild, message, content_visible);
  if (!message.reply_to) return json;
  const auto original = channel.messages.find(*message.reply_to);
  json["referenced_message"] = original == channel.messages.end()
                                   ? Json(nullptr)
                                   : PlainMessageJson(guild, original->second, content_visible);
  return json;
}

}  // namespace mcpgate::sandbox
