#include "sandbox/routes.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "sandbox/guild_json.h"

namespace mcpgate::sandbox {
namespace {

Reply GetSelf(Call& call) { return {200, SelfJson(call.guild)}; }

bool WantsCounts(const Call& call) {
  const std::string* value = call.target.Parameter("with_counts");
  return value != nullptr && (*value == "true" || *value == "1");
}

Reply ListGuilds(Call& call) { return {200, Json::array({GuildSummaryJson(call.guild, WantsCounts(call))})}; }

Reply GetGuild(Call& call) {
  if (call.ids[0] != call.guild.id) return UnknownGuild();
  return {200, GuildJson(call.guild, WantsCounts(call))};
}

// Discord lists every channel here, those the bot cannot see included.
Reply ListChannels(Call& call) {
  if (call.ids[0] != call.guild.id) return UnknownGuild();
  Json channels = Json::array();
  for (const auto& [unused, channel] : call.guild.channels)
    channels.push_back(ChannelJson(call.guild, channel));
  return {200, std::move(channels)};
}

/// The channel of the path, or the answer why not.
struct Entry {
  Channel* channel = nullptr;
  std::uint64_t permissions = 0;
  Reply refusal;
};

Entry Enter(Call& call) {
  Channel* channel = call.guild.FindChannel(call.ids[0]);
  if (channel == nullptr) return {.refusal = UnknownChannel()};
  const std::uint64_t permissions = call.guild.PermissionsIn(*channel);
  if ((permissions & kViewChannel) == 0) return {.refusal = MissingAccess()};
  return {channel, permissions, {}};
}

Entry EnterMessages(Call& call) {
  Entry entry = Enter(call);
  if (entry.channel != nullptr && !entry.channel->HasMessages()) {
    return {.refusal = Problem(400, 50008, "Cannot send messages in a non-text channel")};
  }
  return entry;
}

Reply GetChannel(Call& call) {
  const Entry entry = Enter(call);
  if (entry.channel == nullptr) return entry.refusal;
  return {200, ChannelJson(call.guild, *entry.channel)};
}

void ReadLimit(const Target& target, PageQuery& query, FormErrors& errors) {
  const std::string* text = target.Parameter("limit");
  if (text == nullptr) return;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), query.limit);
  if (error != std::errc() || end != text->data() + text->size()) {
    errors.Add("limit", "NUMBER_TYPE_COERCE", fmt::format("Value \"{}\" is not int.", *text));
  } else if (query.limit < 1) {
    errors.Add("limit", "NUMBER_TYPE_MIN", "int value should be greater than or equal to 1.");
  } else if (query.limit > 100) {
    errors.Add("limit", "NUMBER_TYPE_MAX", "int value should be less than or equal to 100.");
  }
}

void ReadAnchor(const Target& target, PageQuery& query, FormErrors& errors) {
  using Anchor = PageQuery::Anchor;
  constexpr std::pair<const char*, Anchor> kAnchors[] = {
      {"before", Anchor::kBefore}, {"after", Anchor::kAfter}, {"around", Anchor::kAround}};
  for (const auto& [name, anchor] : kAnchors) {
    const std::string* text = target.Parameter(name);
    if (text == nullptr) continue;
    const std::optional<Snowflake> id = ParseSnowflake(*text);
    if (!id) errors.Add(name, "NUMBER_TYPE_COERCE", fmt::format("Value \"{}\" is not snowflake.", *text));
    if (query.anchor != Anchor::kLatest) {
      errors.Add(name, "BASE_TYPE_BAD_EXCLUSIVE", "before, after and around are mutually exclusive.");
    }
    query.anchor = anchor;
    query.id = id.value_or(0);
  }
}

Reply ListMessages(Call& call) {
  const Entry entry = EnterMessages(call);
  if (entry.channel == nullptr) return entry.refusal;
  PageQuery query;
  FormErrors errors;
  ReadLimit(call.target, query, errors);
  ReadAnchor(call.target, query, errors);
  if (!errors.empty()) return errors.ToReply();
  if ((entry.permissions & kReadMessageHistory) == 0) return {200, Json::array()};
  return {200, call.posting.Page(*entry.channel, query)};
}

Reply GetMessage(Call& call) {
  const Entry entry = EnterMessages(call);
  if (entry.channel == nullptr) return entry.refusal;
  if ((entry.permissions & kReadMessageHistory) == 0) return MissingPermissions();
  const auto message = entry.channel->messages.find(call.ids[1]);
  if (message == entry.channel->messages.end()) return UnknownMessage();
  return {200, call.posting.Show(*entry.channel, message->second)};
}

bool IsEmpty(const MessageForm& form) {
  return form.content.value_or("").empty() && (!form.embeds || form.embeds->empty());
}

Reply CreateMessage(Call& call) {
  const Entry entry = EnterMessages(call);
  if (entry.channel == nullptr) return entry.refusal;
  if ((entry.permissions & kSendMessages) == 0) return MissingPermissions();
  FormErrors errors;
  const MessageForm form = ReadMessageForm(*call.body, errors);
  if (!errors.empty()) return errors.ToReply();
  if (IsEmpty(form)) return Problem(400, 50006, "Cannot send an empty message");
  if (form.reference && (entry.permissions & kReadMessageHistory) == 0) return MissingPermissions();
  return call.posting.Create(*entry.channel, form);
}

Reply EditMessage(Call& call) {
  const Entry entry = EnterMessages(call);
  if (entry.channel == nullptr) return entry.refusal;
  const auto message = entry.channel->messages.find(call.ids[1]);
  if (message == entry.channel->messages.end()) return UnknownMessage();
  if (message->second.author != call.guild.bot) {
    return Problem(403, 50005, "Cannot edit a message authored by another user");
  }
  FormErrors errors;
  MessageForm form = ReadMessageForm(*call.body, errors);
  if (!errors.empty()) return errors.ToReply();
  MessageForm after = form;
  if (!after.content) after.content = message->second.content;
  if (!after.embeds) after.embeds = message->second.embeds;
  if (IsEmpty(after)) return Problem(400, 50006, "Cannot send an empty message");
  return call.posting.Edit(*entry.channel, message->second, form);
}

Reply DeleteMessage(Call& call) {
  const Entry entry = EnterMessages(call);
  if (entry.channel == nullptr) return entry.refusal;
  const auto message = entry.channel->messages.find(call.ids[1]);
  if (message == entry.channel->messages.end()) return UnknownMessage();
  const bool is_own = message->second.author == call.guild.bot;
  if (!is_own && (entry.permissions & kManageMessages) == 0) return MissingPermissions();
  call.posting.Delete(*entry.channel, call.ids[1]);
  return {204, {}};
}

Reply StartTyping(Call& call) {
  const Entry entry = EnterMessages(call);
  if (entry.channel == nullptr) return entry.refusal;
  if ((entry.permissions & kSendMessages) == 0) return MissingPermissions();
  return {204, {}};
}

constexpr Route kRoutes[] = {
    {"GET", "/users/@me", BucketKind::kIdentity, false, GetSelf},
    {"GET", "/users/@me/guilds", BucketKind::kIdentity, false, ListGuilds},
    {"GET", "/guilds/{guild_id}", BucketKind::kLookup, false, GetGuild},
    {"GET", "/guilds/{guild_id}/channels", BucketKind::kLookup, false, ListChannels},
    {"GET", "/channels/{channel_id}", BucketKind::kLookup, false, GetChannel},
    {"GET", "/channels/{channel_id}/messages", BucketKind::kHistory, false, ListMessages},
    {"POST", "/channels/{channel_id}/messages", BucketKind::kCreate, true, CreateMessage},
    {"GET", "/channels/{channel_id}/messages/{message_id}", BucketKind::kHistory, false, GetMessage},
    {"PATCH", "/channels/{channel_id}/messages/{message_id}", BucketKind::kChange, true, EditMessage},
    {"DELETE", "/channels/{channel_id}/messages/{message_id}", BucketKind::kChange, false, DeleteMessage},
    {"POST", "/channels/{channel_id}/typing", BucketKind::kTyping, false, StartTyping},
};

// Takes the next "/segment" off `path`.
std::string_view NextSegment(std::string_view& path) {
  path.remove_prefix(1);
  const std::size_t end = path.find('/');
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(segment.size());
  return segment;
}

// Whether `path` has the target's shape: same number of segments, equal where it names them.
bool HasShape(std::string_view path, const Target& target, std::size_t skip) {
  std::size_t i = skip;
  for (; !path.empty(); ++i) {
    const std::string_view segment = NextSegment(path);
    if (i >= target.segments.size()) return false;
    if (segment[0] != '{' && segment != target.segments[i]) return false;
  }
  return i == target.segments.size();
}

std::variant<Match, Reply> ReadIds(const Route& route, const Target& target, std::size_t skip) {
  Match match{.route = &route};
  FormErrors errors;
  std::size_t count = 0;
  std::string_view path = route.path;
  for (std::size_t i = skip; !path.empty(); ++i) {
    const std::string_view segment = NextSegment(path);
    if (segment[0] != '{') continue;
    const std::optional<Snowflake> id = ParseSnowflake(target.segments[i]);
    if (!id) {
      errors.Add(segment.substr(1, segment.size() - 2), "NUMBER_TYPE_COERCE",
                 fmt::format("Value \"{}\" is not snowflake.", target.segments[i]));
    }
    match.ids[count++] = id.value_or(0);
  }
  if (!errors.empty()) return errors.ToReply();
  return match;
}

}  // namespace

std::variant<Match, Reply> FindRoute(std::string_view method, const Target& target, std::size_t skip) {
  bool is_known_path = false;
  for (const Route& route : kRoutes) {
    if (!HasShape(route.path, target, skip)) continue;
    if (route.method == method) return ReadIds(route, target, skip);
    is_known_path = true;
  }
  if (is_known_path) return Problem(405, 0, "405: Method Not Allowed");
  return Problem(404, 0, "404: Not Found");
}

}  // namespace mcpgate::sandbox
