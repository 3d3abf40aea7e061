// Creating, editing, deleting and listing messages, and the memory of nonces.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "sandbox/guild.h"
#include "sandbox/message_form.h"
#include "sandbox/reply.h"
#include "sandbox/sandbox.h"

namespace mcpgate::sandbox {

/// A message made by a request, remembered even when it is deleted.
struct Creation {
  Snowflake id = 0;
  Snowflake channel = 0;
  Json nonce;
  WallTime at;
  bool deleted = false;
};

struct PageQuery {
  enum class Anchor { kLatest, kBefore, kAfter, kAround };
  Anchor anchor = Anchor::kLatest;
  Snowflake id = 0;
  int limit = 50;
};

/// Posting
///
/// The state of the guild's messages. Permissions are the caller's business. Not thread-safe.
class Posting {
 public:
  Posting(Guild& guild, const SandboxOptions& options) : guild_(guild), options_(options) {}

  Reply Create(Channel& channel, const MessageForm& form);
  Reply Edit(Channel& channel, Message& message, const MessageForm& form);
  void Delete(Channel& channel, Snowflake message);
  /// Newest first.
  Json Page(const Channel& channel, const PageQuery& query) const;
  Json Show(const Channel& channel, const Message& message) const;

  const std::deque<Creation>& creations() const { return creations_; }
  std::uint64_t created() const { return created_; }
  std::uint64_t deduplicated() const { return deduplicated_; }

 private:
  struct Remembered {
    Snowflake message = 0;
    Snowflake channel = 0;
    Nanos at{0};
  };
  void ForgetOldNonces();
  const Remembered* Recall(const Json& nonce) const;
  Reply Repeat(const Remembered& first);
  void Remember(const Message& message);
  Snowflake NextId();
  /// Sets what `message` replies to; false when there is no such message and there must be.
  static bool ResolveReference(const Channel& channel, const MessageReference& reference, Message& message);
  /// Stores the finished message; its JSON as the sender sees it.
  Json Keep(Channel& channel, Message message);
  void ResolveMentions(const Channel& channel, const AllowedMentions& allowed, Message& message) const;

  Guild& guild_;
  const SandboxOptions& options_;
  Snowflake last_id_ = 0;
  std::map<std::string, Remembered> nonces_;  // by the nonce's text
  std::deque<std::string> nonce_order_;       // oldest first, the keys of nonces_
  std::deque<Creation> creations_;
  std::uint64_t created_ = 0;
  std::uint64_t deduplicated_ = 0;
};

}  // namespace mcpgate::sandbox
