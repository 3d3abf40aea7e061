#include "discord/error_table.h"

#include <algorithm>
#include <array>

namespace mcpgate {
namespace {

using Kind = DiscordError::Kind;

// Sorted by code.
constexpr std::array kRows = std::to_array<DiscordErrorRow>({
    {10003, Kind::kNotFound, "channel unknown", "check the id; the bot may not be in that server"},
    {10004, Kind::kNotFound, "server (guild) unknown", "check the id; the bot may not be in that server"},
    {10007, Kind::kNotFound, "member unknown", "check the id; they may have left the server"},
    {10008, Kind::kNotFound, "message unknown", "check the id; it may have been deleted"},
    {10011, Kind::kNotFound, "role unknown", "check the id"},
    {10013, Kind::kNotFound, "user unknown", "check the id"},
    {10014, Kind::kNotFound, "emoji unknown", "use a standard emoji or name:id of one in this server"},
    {10015, Kind::kNotFound, "webhook unknown", "it was deleted; do not use it again"},
    {10026, Kind::kNotFound, "ban unknown", "this user is not banned here"},
    {10062, Kind::kNotFound, "interaction unknown",
     "it came too late; an interaction must be answered in 3 s"},
    {20016, Kind::kRateLimited, "the channel is in slow mode", "wait before the next message here"},
    {20028, Kind::kRateLimited, "the channel's write limit is reached", "wait before the next message here"},
    {20029, Kind::kRateLimited, "the server's write limit is reached", "wait before the next message there"},
    {30003, Kind::kInvalid, "the channel has its maximum of pins", "unpin something first"},
    {30007, Kind::kInvalid, "the channel has its maximum of webhooks", "remove one first"},
    {30010, Kind::kInvalid, "the message has its maximum of 20 different reactions", "use one of those"},
    {30013, Kind::kInvalid, "the server has its maximum of 500 channels", "remove one first"},
    {40003, Kind::kRateLimited, "direct messages are opened too fast", "wait some minutes"},
    {40005, Kind::kInvalid, "the request is too large", "send less"},
    {40058, Kind::kInvalid, "a forum takes posts, not messages",
     "create a post in it, or choose a text channel"},
    {40060, Kind::kInvalid, "this interaction was answered already", "send a follow-up instead"},
    {40062, Kind::kRateLimited, "the service limits this resource", "wait before trying again"},
    {40067, Kind::kInvalid, "this forum requires a tag", "name one of its tags"},
    {40333, Kind::kForbidden, "Discord's edge blocked the request", "check user_agent in the configuration"},
    {50001, Kind::kForbidden, "the bot has no access",
     "ask a server administrator to let the bot see this channel"},
    {50006, Kind::kInvalid, "the message is empty", "give some content that is not only white space"},
    {50007, Kind::kForbidden, "this user takes no direct messages from the bot",
     "write in a channel instead"},
    {50008, Kind::kInvalid, "this kind of channel takes no text messages", "choose a text channel"},
    {50013, Kind::kForbidden, "the bot lacks a permission for this",
     "ask a server administrator for it; to write: View Channel and Send Messages"},
    {50016, Kind::kInvalid, "too few or too many messages at once", "give 2 to 100"},
    {50024, Kind::kInvalid, "not possible in this kind of channel", "choose another channel"},
    {50028, Kind::kInvalid, "the role is not valid here", "check the id"},
    {50034, Kind::kInvalid, "a message is older than 14 days",
     "such messages can only be deleted one by one"},
    {50035, Kind::kInvalid, "Discord does not accept the request's form",
     "change what is named and try again"},
    {50083, Kind::kInvalid, "the thread is archived",
     "write a message in it first, or ask for it to be opened"},
    {50278, Kind::kForbidden, "no server in common with this user", "write in a channel instead"},
    {130000, Kind::kFailed, "Discord is overloaded", "try again in a few minutes"},
    {160002, Kind::kForbidden, "a reply needs permission to read the channel's history",
     "send without reply_to, or ask a server administrator for Read Message History"},
    {160004, Kind::kInvalid, "a thread was made from this message already", "use that thread"},
    {200000, Kind::kForbidden, "the server's AutoMod blocked this content", "say it in other words"},
    {200001, Kind::kForbidden, "the server's AutoMod blocked this title", "say it in other words"},
    {240000, Kind::kForbidden, "the content has a link the server does not allow", "leave the link out"},
});
static_assert(std::is_sorted(kRows.begin(), kRows.end(),
                             [](const auto& a, const auto& b) { return a.code < b.code; }));

}  // namespace

const DiscordErrorRow* FindDiscordError(std::int64_t code) {
  const auto found = std::lower_bound(kRows.begin(), kRows.end(), code,
                                      [](const auto& row, std::int64_t wanted) { return row.code < wanted; });
  return found != kRows.end() && found->code == code ? &*found : nullptr;
}

}  // namespace mcpgate
