#include "sandbox/posting.h"

#include <algorithm>
#include <utility>

#include "sandbox/guild_json.h"

namespace mcpgate::sandbox {
namespace {

constexpr std::size_t kMaxNonces = 10'000;
constexpr std::size_t kMaxCreations = 100'000;

std::int64_t NowMs(const Clock& clock) {
  return std::chrono::floor<std::chrono::milliseconds>(clock.Now()).time_since_epoch().count();
}

bool Contains(const std::vector<Snowflake>& ids, Snowflake id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

bool Mentions(const std::string& content, const char* opening, Snowflake id) {
  return content.find(opening + std::to_string(id) + ">") != std::string::npos;
}

std::string NonceText(const Json& nonce) {
  return nonce.is_string() ? nonce.get_ref<const std::string&>() : DumpJson(nonce);
}

}  // namespace

Snowflake Posting::NextId() {
  last_id_ = std::max(last_id_ + 1, SnowflakeAt(NowMs(*options_.clock)));
  return last_id_;
}

void Posting::ForgetOldNonces() {
  const Nanos horizon = options_.clock->Steady() - options_.nonce_window;
  while (!nonce_order_.empty() &&
         (nonce_order_.size() >= kMaxNonces || nonces_[nonce_order_.front()].at <= horizon)) {
    nonces_.erase(nonce_order_.front());
    nonce_order_.pop_front();
  }
}

const Posting::Remembered* Posting::Recall(const Json& nonce) const {
  const auto found = nonces_.find(NonceText(nonce));
  return found == nonces_.end() ? nullptr : &found->second;
}

void Posting::Remember(const Message& message) {
  const auto [entry, is_new] = nonces_.try_emplace(NonceText(message.nonce));
  if (!is_new) return;
  entry->second = {message.id, message.channel, options_.clock->Steady()};
  nonce_order_.push_back(entry->first);
}

Reply Posting::Repeat(const Remembered& first) {
  const Channel* channel = guild_.FindChannel(first.channel);
  const auto message = channel->messages.find(first.message);
  if (message == channel->messages.end()) return UnknownMessage();
  ++deduplicated_;
  Json body = Show(*channel, message->second);
  body["nonce"] = message->second.nonce;
  return {200, std::move(body)};
}

void Posting::ResolveMentions(const Channel& channel, const AllowedMentions& allowed,
                              Message& message) const {
  message.mentions.clear();
  message.mention_roles.clear();
  for (const Member& member : guild_.members) {
    const Snowflake user = member.user.id;
    if (!allowed.all_users && !Contains(allowed.users, user)) continue;
    if (Mentions(message.content, "<@", user) || Mentions(message.content, "<@!", user)) {
      message.mentions.push_back(user);
    }
  }
  for (const Role& role : guild_.roles) {
    if (!allowed.all_roles && !Contains(allowed.roles, role.id)) continue;
    if (Mentions(message.content, "<@&", role.id)) message.mention_roles.push_back(role.id);
  }
  const bool names_everyone = message.content.find("@everyone") != std::string::npos ||
                              message.content.find("@here") != std::string::npos;
  message.mention_everyone =
      allowed.everyone && names_everyone && (guild_.PermissionsIn(channel) & kMentionEveryone) != 0;
  if (!message.reply_to || !allowed.replied_user) return;
  const auto original = channel.messages.find(*message.reply_to);
  if (original != channel.messages.end() && !Contains(message.mentions, original->second.author)) {
    message.mentions.push_back(original->second.author);
  }
}

Reply Posting::Create(Channel& channel, const MessageForm& form) {
  ForgetOldNonces();
  if (form.enforce_nonce && !form.nonce.is_null()) {
    if (const Remembered* first = Recall(form.nonce)) return Repeat(*first);
  }
  Message message{.author = guild_.bot, .created_here = true};
  if (form.reference && !ResolveReference(channel, *form.reference, message)) {
    FormErrors errors;
    errors.Add("message_reference", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message");
    return errors.ToReply();
  }
  message.id = NextId();
  message.channel = channel.id;
  message.content = form.content.value_or("");
  message.embeds = form.embeds.value_or(Json());
  message.nonce = form.nonce;
  message.flags = form.flags;
  ResolveMentions(channel, form.allowed_mentions, message);
  return {200, Keep(channel, std::move(message))};
}

bool Posting::ResolveReference(const Channel& channel, const MessageReference& reference, Message& message) {
  const bool exists =
      reference.channel.value_or(channel.id) == channel.id && channel.messages.count(reference.message) > 0;
  if (exists) message.reply_to = reference.message;
  return exists || !reference.fail_if_not_exists;
}

Json Posting::Keep(Channel& channel, Message message) {
  if (!message.nonce.is_null()) Remember(message);
  creations_.push_back({message.id, channel.id, message.nonce, options_.clock->Now()});
  if (creations_.size() > kMaxCreations) creations_.pop_front();
  ++created_;
  const Message& kept = channel.messages[message.id] = std::move(message);
  Json shown = Show(channel, kept);
  if (!kept.nonce.is_null()) shown["nonce"] = kept.nonce;
  if (channel.messages.size() > options_.max_messages) channel.messages.erase(channel.messages.begin());
  return shown;
}

Reply Posting::Edit(Channel& channel, Message& message, const MessageForm& form) {
  if (form.content) message.content = *form.content;
  if (form.embeds) message.embeds = *form.embeds;
  message.edited_ms = NowMs(*options_.clock);
  ResolveMentions(channel, form.allowed_mentions, message);
  return {200, Show(channel, message)};
}

void Posting::Delete(Channel& channel, Snowflake message) {
  channel.messages.erase(message);
  for (Creation& creation : creations_) creation.deleted |= creation.id == message;
}

Json Posting::Show(const Channel& channel, const Message& message) const {
  return MessageJson(guild_, channel, message, options_.message_content);
}

Json Posting::Page(const Channel& channel, const PageQuery& query) const {
  const auto& messages = channel.messages;
  auto begin = messages.begin();
  auto end = messages.end();
  const auto forward = [&](auto from, int count) {
    while (count-- > 0 && from != messages.end()) ++from;
    return from;
  };
  const auto backward = [&](auto from, int count) {
    while (count-- > 0 && from != messages.begin()) --from;
    return from;
  };
  switch (query.anchor) {
    case PageQuery::Anchor::kLatest:
      begin = backward(end, query.limit);
      break;
    case PageQuery::Anchor::kBefore:
      end = messages.lower_bound(query.id);
      begin = backward(end, query.limit);
      break;
    case PageQuery::Anchor::kAfter:
      begin = messages.upper_bound(query.id);
      end = forward(begin, query.limit);
      break;
    case PageQuery::Anchor::kAround:
      begin = backward(messages.lower_bound(query.id), query.limit / 2);
      end = forward(begin, query.limit);
      break;
  }
  Json page = Json::array();
  while (end != begin) page.push_back(Show(channel, (--end)->second));
  return page;
}

}  // namespace mcpgate::sandbox
