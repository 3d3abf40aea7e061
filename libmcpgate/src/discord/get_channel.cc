#include <fmt/format.h>

#include <utility>

#include "discord/channel_json.h"
#include "discord/snowflake.h"
#include "discord/tool_parts.h"
#include "discord/tools.h"

namespace mcpgate {
namespace {

constexpr char kDescription[] =
    "Tells what one Discord channel or thread is: name, kind, topic, server, and whether it takes messages.";

absl::StatusOr<ToolResult> Handle(DiscordRest& rest, const Json& arguments, CallContext& context) {
  const std::string id = StringOr(arguments, "channel_id", "");
  if (absl::Status no = context.Authorize(ChannelResource(id)); !no.ok()) return no;
  if (!ParseSnowflake(id)) return BadArgument("channel_id does not fit 64 bits; check the id");
  const RestReply reply = rest.Call({.route = "/channels/{channel}",
                                     .major = id,
                                     .path = fmt::format("/channels/{}", id),
                                     .repeatable = true},
                                    CallerOf(context));
  if (!reply.ok()) return Failure(*reply.error, Effect::kNone);
  return ToolResult::Structured(ChannelForModel(reply.body));
}

}  // namespace

Tool GetChannelTool(std::shared_ptr<DiscordRest> rest) {
  return {
      .name = "discord_get_channel",
      .title = "Look at a Discord channel",
      .description = kDescription,
      .input_schema = InputSchema({{"channel_id", IdSchema("The channel's or thread's id")}}, {"channel_id"}),
      .output_schema = OutputSchema(ChannelProperties(), {{"id", "kind"}}),
      .annotations = {.read_only = true, .destructive = false, .idempotent = true, .open_world = true},
      .role = Role::kReader,
      .audit_arguments = {"channel_id"},
      .handler = [rest = std::move(rest)](const Json& arguments, CallContext& context) {
        return Handle(*rest, arguments, context);
      }};
}

}  // namespace mcpgate
