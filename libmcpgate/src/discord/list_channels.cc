#include <fmt/format.h>

#include <utility>

#include "discord/channel_json.h"
#include "discord/snowflake.h"
#include "discord/tool_parts.h"
#include "discord/tools.h"

namespace mcpgate {
namespace {

constexpr std::size_t kMaxGuilds = 20;      // asked one after another when the caller names none
constexpr std::size_t kMaxChannels = 1000;  // in one answer; a server has 500 at the most

constexpr char kDescription[] =
    "Lists the Discord channels this key may use, with their ids. Name a server with guild_id, or leave it "
    "out to "
    "look through the servers the bot is in. Channels outside this key's list are not shown. Threads are not "
    "listed; their ids are channel ids all the same.";

RestReply Get(DiscordRest& rest, CallContext& context, std::string route, std::string major,
              std::string path) {
  return rest.Call(
      {.route = std::move(route), .major = std::move(major), .path = std::move(path), .repeatable = true},
      CallerOf(context));
}

// Appends the guild's permitted channels. False when there are more than fit.
bool Append(const Json& found, const CallContext& context, Json& channels) {
  if (!found.is_array()) return true;
  for (const Json& channel : found) {
    const std::string id = StringOr(channel, "id", "");
    if (!ParseSnowflake(id) || !context.Permits(ChannelResource(id))) continue;
    if (channels.size() >= kMaxChannels) return false;
    channels.push_back(ChannelForModel(channel));
  }
  return true;
}

struct Guilds {
  std::vector<std::string> ids;
  bool complete = true;
  std::optional<DiscordError> error;
};

Guilds GuildsToSearch(DiscordRest& rest, const Json& arguments, CallContext& context) {
  Guilds guilds;
  if (const std::string* id = FindString(arguments, "guild_id")) {
    guilds.ids.push_back(*id);
    return guilds;
  }
  RestReply mine = Get(rest, context, "/users/@me/guilds", "", "/users/@me/guilds?limit=200");
  if (!mine.ok()) {
    guilds.error = std::move(mine.error);
    return guilds;
  }
  if (!mine.body.is_array()) return guilds;
  for (const Json& guild : mine.body) {
    const std::string id = StringOr(guild, "id", "");
    if (!ParseSnowflake(id)) continue;
    guilds.complete = guilds.ids.size() < kMaxGuilds;
    if (!guilds.complete) break;
    guilds.ids.push_back(id);
  }
  return guilds;
}

absl::StatusOr<ToolResult> Handle(DiscordRest& rest, const Json& arguments, CallContext& context) {
  const std::string* named = FindString(arguments, "guild_id");
  if (named != nullptr && !ParseSnowflake(*named))
    return BadArgument("guild_id does not fit 64 bits; check the id");
  const Guilds guilds = GuildsToSearch(rest, arguments, context);
  if (guilds.error.has_value()) return Failure(*guilds.error, Effect::kNone);
  Json channels = Json::array();
  bool complete = guilds.complete;
  double done = 0;
  for (const std::string& id : guilds.ids) {
    const RestReply reply =
        Get(rest, context, "/guilds/{guild}/channels", id, fmt::format("/guilds/{}/channels", id));
    if (!reply.ok()) return Failure(*reply.error, Effect::kNone);
    complete = Append(reply.body, context, channels) && complete;
    if (guilds.ids.size() > 1) context.Progress(++done, static_cast<double>(guilds.ids.size()));
  }
  Json told = {{"channels", std::move(channels)}, {"complete", complete}};
  if (!complete) told["note"] = "there are more; name a server with guild_id";
  return ToolResult::Structured(std::move(told));
}

Json Output() {
  return OutputSchema({{"channels",
                        {{"type", "array"},
                         {"items",
                          {{"type", "object"},
                           {"properties", ChannelProperties()},
                           {"required", {"id", "kind", "takes_messages"}}}}}},
                       {"complete", {{"type", "boolean"}, {"description", "Whether these are all"}}},
                       {"note", {{"type", "string"}}}},
                      {{"channels", "complete"}});
}

}  // namespace

Tool ListChannelsTool(std::shared_ptr<DiscordRest> rest) {
  return {.name = "discord_list_channels",
          .title = "List Discord channels",
          .description = kDescription,
          .input_schema =
              InputSchema({{"guild_id", IdSchema("The server (guild); all of the bot's when left out")}}, {}),
          .output_schema = Output(),
          .annotations = {.read_only = true, .destructive = false, .idempotent = true, .open_world = true},
          .role = Role::kReader,
          .audit_arguments = {"guild_id"},
          .handler = [rest = std::move(rest)](const Json& arguments, CallContext& context) {
            return Handle(*rest, arguments, context);
          }};
}

}  // namespace mcpgate
