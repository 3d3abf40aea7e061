// The body of a message create or edit, checked as Discord checks it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mcpgate/json.h"
#include "sandbox/reply.h"
#include "sandbox/snowflake.h"

namespace mcpgate::sandbox {

/// Whom the content may notify. The default is what a bot gets when it says nothing: everybody.
struct AllowedMentions {
  bool everyone = true;
  bool all_users = true;
  bool all_roles = true;
  bool replied_user = true;
  std::vector<Snowflake> users;
  std::vector<Snowflake> roles;
};

struct MessageReference {
  Snowflake message = 0;
  std::optional<Snowflake> channel;
  bool fail_if_not_exists = true;
};

struct MessageForm {
  std::optional<std::string> content;  ///< without the white space around it
  std::optional<Json> embeds;
  AllowedMentions allowed_mentions;
  std::optional<MessageReference> reference;
  Json nonce;
  bool enforce_nonce = false;
  std::int64_t flags = 0;
};

/// Reads `body`; what is wrong goes to `errors`, and the form is then not to be used.
MessageForm ReadMessageForm(const Json& body, FormErrors& errors);

}  // namespace mcpgate::sandbox
