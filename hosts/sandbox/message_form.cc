#include "sandbox/message_form.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "sandbox/embed_form.h"
#include "sandbox/text.h"

namespace mcpgate::sandbox {
namespace {

constexpr std::size_t kMaxContent = 2000;
constexpr std::size_t kMaxNonce = 25;
constexpr std::size_t kMaxAllowedIds = 100;

// nullptr when absent or null, which Discord treats alike.
const Json* Find(const Json& body, std::string_view name) {
  const Json* value = FindMember(body, name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

void ReadContent(const Json& body, MessageForm& form, FormErrors& errors) {
  const Json* content = Find(body, "content");
  if (content == nullptr) {
    if (FindMember(body, "content") != nullptr) form.content = "";
    return;
  }
  if (content->is_structured()) {
    return errors.Add("content", "STRING_TYPE_CONVERT",
                      "Could not interpret \"" + DumpJson(*content) + "\" as string.");
  }
  const std::string text = content->is_string() ? content->get_ref<const std::string&>() : DumpJson(*content);
  if (CountCodePoints(text) > kMaxContent) return errors.AddMaxLength("content", kMaxContent);
  form.content = std::string(TrimSpace(text));
}

void ReadNonce(const Json& body, MessageForm& form, FormErrors& errors) {
  form.enforce_nonce = BoolOr(body, "enforce_nonce", false);
  const Json* nonce = Find(body, "nonce");
  if (nonce == nullptr) return;
  if (!nonce->is_string() && !nonce->is_number_integer()) {
    return errors.Add("nonce", "NONCE_TYPE_INVALID_TYPE", "This field must be a string or integer.");
  }
  if (nonce->is_string() && CountCodePoints(nonce->get_ref<const std::string&>()) > kMaxNonce) {
    return errors.Add("nonce", "NONCE_TYPE_TOO_LONG", "Must be 25 or fewer characters long.");
  }
  form.nonce = *nonce;
}

std::optional<Snowflake> ReadId(const Json& value, const std::string& path, FormErrors& errors) {
  const std::string text = value.is_string() ? value.get_ref<const std::string&>() : DumpJson(value);
  const std::optional<Snowflake> id = ParseSnowflake(text);
  if (!id) errors.Add(path, "NUMBER_TYPE_COERCE", "Value \"" + text + "\" is not snowflake.");
  return id;
}

void ReadReference(const Json& body, MessageForm& form, FormErrors& errors) {
  const Json* reference = Find(body, "message_reference");
  if (reference == nullptr) return;
  const Json* message = Find(*reference, "message_id");
  if (message == nullptr) {
    return errors.Add("message_reference/message_id", "BASE_TYPE_REQUIRED", "This field is required");
  }
  MessageReference read;
  if (const auto id = ReadId(*message, "message_reference/message_id", errors)) read.message = *id;
  if (const Json* channel = Find(*reference, "channel_id")) {
    read.channel = ReadId(*channel, "message_reference/channel_id", errors);
  }
  read.fail_if_not_exists = BoolOr(*reference, "fail_if_not_exists", true);
  form.reference = read;
}

std::vector<Snowflake> ReadIds(const Json& mentions, const char* name, FormErrors& errors) {
  std::vector<Snowflake> ids;
  const Json* list = FindArray(mentions, name);
  if (list == nullptr) return ids;
  const std::string path = std::string("allowed_mentions/") + name;
  if (list->size() > kMaxAllowedIds) {
    errors.AddMaxLength(path, kMaxAllowedIds);
    return ids;
  }
  for (const Json& entry : *list) {
    const auto id = ReadId(entry, path + "/" + std::to_string(ids.size()), errors);
    ids.push_back(id.value_or(0));
  }
  return ids;
}

// `parse` opens whole kinds, so it may not name a kind whose ids are listed.
void ReadParse(const Json& mentions, AllowedMentions& allowed, FormErrors& errors) {
  const Json* parse = FindArray(mentions, "parse");
  if (parse == nullptr) return;
  for (std::size_t i = 0; i < parse->size(); ++i) {
    if ((*parse)[i] == "everyone") {
      allowed.everyone = true;
    } else if ((*parse)[i] == "users") {
      allowed.all_users = true;
    } else if ((*parse)[i] == "roles") {
      allowed.all_roles = true;
    } else {
      errors.Add("allowed_mentions/parse/" + std::to_string(i), "BASE_TYPE_CHOICES",
                 "Value must be one of ('users', 'roles', 'everyone').");
    }
  }
  const bool clashes =
      (allowed.all_users && !allowed.users.empty()) || (allowed.all_roles && !allowed.roles.empty());
  if (clashes) {
    errors.Add("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
               "parse and a list of ids of the same kind are mutually exclusive.");
  }
}

void ReadAllowedMentions(const Json& body, MessageForm& form, FormErrors& errors) {
  const Json* mentions = Find(body, "allowed_mentions");
  if (mentions == nullptr) return;
  AllowedMentions allowed{.everyone = false, .all_users = false, .all_roles = false, .replied_user = false};
  allowed.users = ReadIds(*mentions, "users", errors);
  allowed.roles = ReadIds(*mentions, "roles", errors);
  allowed.replied_user = BoolOr(*mentions, "replied_user", false);
  ReadParse(*mentions, allowed, errors);
  form.allowed_mentions = std::move(allowed);
}

}  // namespace

MessageForm ReadMessageForm(const Json& body, FormErrors& errors) {
  MessageForm form;
  if (!body.is_object()) {
    errors.Add("", "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType");
    return form;
  }
  ReadContent(body, form, errors);
  ReadNonce(body, form, errors);
  ReadReference(body, form, errors);
  ReadAllowedMentions(body, form, errors);
  if (const Json* embeds = Find(body, "embeds")) form.embeds = ReadEmbeds(*embeds, errors);
  form.flags = IntegerOr(body, "flags", 0);
  return form;
}

}  // namespace mcpgate::sandbox
