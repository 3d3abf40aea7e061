// The API itself: every request passes Handle(), from the edge to its route and back.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/ban.h"
#include "sandbox/buckets.h"
#include "sandbox/faults.h"
#include "sandbox/guild.h"
#include "sandbox/http_message.h"
#include "sandbox/posting.h"
#include "sandbox/reply.h"
#include "sandbox/sandbox.h"
#include "sandbox/target.h"

namespace mcpgate::sandbox {

/// Service
///
/// Safe for concurrent use: one lock around the state, held while a request is decided.
class Service {
 public:
  /// `options.bot_token` must be set.
  explicit Service(SandboxOptions options);

  HttpAnswer Handle(HttpRequest request);

  std::string guild_id() const;
  std::string bot_id() const;
  std::string ChannelId(std::string_view name) const;
  std::vector<SandboxMessage> Messages(std::string_view channel_id) const;
  std::vector<SandboxRequest> RequestLog() const;
  SandboxCounters counters() const;
  void AddFault(SandboxRoute route, SandboxFault fault);
  void ClearFaults();

 private:
  HttpAnswer Decide(const HttpRequest& request, const Target& target);
  HttpAnswer Answer(const HttpRequest& request, const Target& target);
  HttpAnswer AnswerRoute(const HttpRequest& request, const Target& target);
  bool IsAuthorized(const HttpRequest& request) const;
  Json StateJson() const;
  void Log(HttpRequest request, const Target& target, const HttpAnswer& answer);

  const SandboxOptions options_;
  const std::string authorization_;  // what a right Authorization header says

  mutable std::mutex mutex_;
  // guarded by mutex_
  Guild guild_;
  Posting posting_;
  Buckets buckets_;
  Ban ban_;
  Faults faults_;
  std::deque<SandboxRequest> log_;
  SandboxCounters counters_;
};

}  // namespace mcpgate::sandbox
