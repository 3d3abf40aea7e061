#include <fmt/format.h>

#include <utility>

#include "discord/channel_kind.h"
#include "discord/nonce.h"
#include "discord/snowflake.h"
#include "discord/tool_parts.h"
#include "discord/tools.h"

namespace mcpgate {
namespace {

constexpr std::int64_t kUnknownMessage = 10008;
constexpr std::size_t kMaxContent = 2000;

constexpr char kDescription[] =
    "Sends one text message to a Discord channel as the bot. Markdown works; nobody is pinged, whatever the "
    "text "
    "says (mentions are shown but silent). Use dry_run to see whether it would be allowed, and the exact "
    "request, "
    "without sending. Give an idempotency_key of your own when you may have to repeat the call: within a few "
    "minutes the same key in the same channel yields one message, not two. If the answer says that the "
    "outcome is "
    "unknown, read the channel before sending again. Needs the channel's id; discord_list_channels finds it.";

// The unit of Discord's limit is not documented. UTF-16 is the strictest reading.
std::size_t Utf16Units(std::string_view text) {
  std::size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) != 0x80) units += byte >= 0xf0 ? 2 : 1;
  }
  return units;
}

struct Send {
  std::string channel_id;
  std::string content;
  const std::string* reply_to = nullptr;
  const std::string* idempotency_key = nullptr;
  bool dry_run = false;
};

Send Decode(const Json& arguments) {
  return {.channel_id = StringOr(arguments, "channel_id", ""),
          .content = StringOr(arguments, "content", ""),
          .reply_to = FindString(arguments, "reply_to"),
          .idempotency_key = FindString(arguments, "idempotency_key"),
          .dry_run = BoolOr(arguments, "dry_run", false)};
}

std::string Complaint(const Send& send) {
  if (!ParseSnowflake(send.channel_id)) return "channel_id does not fit 64 bits; check the id";
  if (send.reply_to != nullptr && !ParseSnowflake(*send.reply_to))
    return "reply_to does not fit 64 bits; check the id";
  if (const std::size_t units = Utf16Units(send.content); units > kMaxContent) {
    return fmt::format(
        "content has {} UTF-16 units (most emoji take two) and may have {}; split it in two messages", units,
        kMaxContent);
  }
  return {};
}

RestRequest Compose(const Send& send, std::string nonce) {
  Json body = {{"content", send.content},
               {"nonce", std::move(nonce)},
               {"enforce_nonce", true},
               {"allowed_mentions", {{"parse", Json::array()}}}};
  if (send.reply_to != nullptr) {
    body["message_reference"] = {{"message_id", *send.reply_to}, {"fail_if_not_exists", false}};
  }
  return {.method = "POST",
          .route = "/channels/{channel}/messages",
          .major = send.channel_id,
          .path = fmt::format("/channels/{}/messages", send.channel_id),
          .body = std::move(body),
          .repeatable = true};
}

ToolResult Rehearse(DiscordRest& rest, const Send& send, const RestRequest& request, CallContext& context) {
  const RestReply channel = rest.Call({.route = "/channels/{channel}",
                                       .major = send.channel_id,
                                       .path = fmt::format("/channels/{}", send.channel_id),
                                       .repeatable = true},
                                      CallerOf(context));
  if (!channel.ok()) return Failure(*channel.error, Effect::kNone);
  const std::int64_t type = IntegerOr(channel.body, "type", -1);
  if (!TakesMessages(type)) {
    return BadArgument(fmt::format(
        "a channel of kind {} takes no messages; choose a text channel or a thread", ChannelKindName(type)));
  }
  ToolResult result = ToolResult::Structured(
      {{"dry_run", true},
       {"channel_id", send.channel_id},
       {"request", {{"method", request.method}, {"path", request.path}, {"body", *request.body}}}});
  result.nothing_happened = true;
  return result;
}

ToolResult Failed(const DiscordError& error, const Send& send) {
  if (error.code == kUnknownMessage) {
    return Failure(
        error, Effect::kDone,
        "The message was sent, and deleted since. Nothing was sent again; use another idempotency_key to "
        "send it anew.");
  }
  if (!error.maybe_done) return Failure(error, Effect::kNone, "Nothing was sent.");
  return Failure(
      error, Effect::kUnknown,
      send.idempotency_key != nullptr
          ? "The message may or may not have been sent. discord_read_messages on this channel tells; "
            "repeating the call with the same idempotency_key within a few minutes sends it once at most."
          : "The message may or may not have been sent. Look with discord_read_messages on this channel "
            "before sending it again.");
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// A key used again for another text yields the first message, and the new text is nowhere.
bool IsAnotherText(const Json& message, const Send& send) {
  const std::string* stands = FindString(message, "content");
  return send.idempotency_key != nullptr && stands != nullptr && Trimmed(*stands) != Trimmed(send.content);
}

ToolResult Sent(const Json& message, const Send& send) {
  const std::string id = StringOr(message, "id", "");
  if (!ParseSnowflake(id)) {
    DiscordError error;
    error.message = "Discord took the message but its answer has no id";
    return Failure(error, Effect::kUnknown, "Look with discord_read_messages on this channel.");
  }
  Json told = {{"message_id", id},
               {"channel_id", StringOr(message, "channel_id", send.channel_id)},
               {"timestamp", StringOr(message, "timestamp", "")}};
  if (IsAnotherText(message, send)) {
    told["note"] =
        "The message that stands has another text than yours. If you used this idempotency_key before, that "
        "message was kept and nothing new was sent: give each message a key of its own.";
  }
  ToolResult result = ToolResult::Structured(std::move(told));
  result.audit_fields = {{"message_id", id}};
  return result;
}

absl::StatusOr<ToolResult> Handle(DiscordRest& rest, const Json& arguments, CallContext& context) {
  const Send send = Decode(arguments);
  if (absl::Status no = context.Authorize(ChannelResource(send.channel_id)); !no.ok()) return no;
  if (std::string complaint = Complaint(send); !complaint.empty()) return BadArgument(std::move(complaint));
  const RestRequest request = Compose(send, SendNonce(rest.nonce_key(), context.principal(), send.channel_id,
                                                      send.idempotency_key, context.call_id()));
  if (send.dry_run) return Rehearse(rest, send, request, context);
  const RestReply reply = rest.Call(request, CallerOf(context));
  return reply.ok() ? Sent(reply.body, send) : Failed(*reply.error, send);
}

Json Input() {
  return InputSchema(
      {{"channel_id", IdSchema("Where to send: the channel's or thread's id")},
       {"content",
        {{"type", "string"},
         {"minLength", 1},
         {"maxLength", kMaxContent},
         {"description", "The text, Discord markdown, at most 2000 characters"}}},
       {"reply_to",
        IdSchema("Id of a message in this channel to answer; when it is gone the text is sent anyway")},
       {"idempotency_key",
        {{"type", "string"},
         {"minLength", 1},
         {"maxLength", 200},
         {"description", "Any text of yours that names this message; the same key is sent once"}}},
       {"dry_run",
        {{"type", "boolean"},
         {"default", false},
         {"description", "Check and show the request; send nothing"}}}},
      {"channel_id", "content"});
}

Json Output() {
  return OutputSchema({{"message_id", IdSchema("The message that stands in the channel now")},
                       {"channel_id", IdSchema("The channel it is in")},
                       {"timestamp", {{"type", "string"}, {"description", "When Discord took it, ISO 8601"}}},
                       {"note", {{"type", "string"}}},
                       {"dry_run", {{"const", true}}},
                       {"request",
                        {{"type", "object"},
                         {"description", "dry_run: what would be sent; each call has a nonce of its own"}}}},
                      {{"message_id", "channel_id"}, {"dry_run", "request"}});
}

}  // namespace

Tool SendMessageTool(std::shared_ptr<DiscordRest> rest) {
  return {.name = "discord_send_message",
          .title = "Send a Discord message",
          .description = kDescription,
          .input_schema = Input(),
          .output_schema = Output(),
          .annotations = {.read_only = false, .destructive = false, .idempotent = false, .open_world = true},
          .role = Role::kWriter,
          .limit_class = "posting",
          .audit_arguments = {"channel_id"},
          .handler = [rest = std::move(rest)](const Json& arguments, CallContext& context) {
            return Handle(*rest, arguments, context);
          }};
}

}  // namespace mcpgate
