// The API itself: every request passes Handle(), from the edge to its route and back.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "common/mutex.h"
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
  HttpAnswer Decide(const HttpRequest& request, const Target& target) MCPGATE_REQUIRES(mutex_);
  HttpAnswer Answer(const HttpRequest& request, const Target& target) MCPGATE_REQUIRES(mutex_);
  HttpAnswer AnswerRoute(const HttpRequest& request, const Target& target) MCPGATE_REQUIRES(mutex_);
  bool IsAuthorized(const HttpRequest& request) const;
  Json StateJson() const MCPGATE_REQUIRES(mutex_);
  void Log(HttpRequest request, const Target& target, const HttpAnswer& answer) MCPGATE_REQUIRES(mutex_);

  const SandboxOptions options_;
  const std::string authorization_;  // what a right Authorization header says

  mutable Mutex mutex_;
  Guild guild_ MCPGATE_GUARDED_BY(mutex_);
  Posting posting_ MCPGATE_GUARDED_BY(mutex_);
  Buckets buckets_ MCPGATE_GUARDED_BY(mutex_);
  Ban ban_ MCPGATE_GUARDED_BY(mutex_);
  Faults faults_ MCPGATE_GUARDED_BY(mutex_);
  std::deque<SandboxRequest> log_ MCPGATE_GUARDED_BY(mutex_);
  SandboxCounters counters_ MCPGATE_GUARDED_BY(mutex_);
};

}  // namespace mcpgate::sandbox
