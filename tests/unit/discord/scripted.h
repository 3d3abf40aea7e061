// Doubles for tests without a network: time that passes only when somebody waits, and answers from a script.
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "discord/pause.h"
#include "discord/rest.h"
#include "net/http_client.h"
#include "support/fake_clock.h"

namespace mcpgate::testing {

inline constexpr char kToken[] = "canary-bot-token-6b1f";
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Waiting moves the clock. For one thread: whoever waits for another's answer would wait for ever.
class FakePause : public Pause {
 public:
  explicit FakePause(FakeClock& clock) : clock_(clock) {}
  void Until(CondLock&, std::condition_variable_any&, std::stop_token stop, Nanos until,
             const std::function<bool()>& ended) override {
    if (stop.stop_requested() || ended()) return;
    REQUIRE(until != Nanos::max());
    waits_.push_back(until - clock_.Steady());
    if (on_wait_) on_wait_();
    clock_.Advance(waits_.back());
  }
  const std::vector<Nanos>& waits() const { return waits_; }
  void set_on_wait(std::function<void()> what) { on_wait_ = std::move(what); }

 private:
  FakeClock& clock_;
  std::function<void()> on_wait_;
  std::vector<Nanos> waits_;
};

using Answer = absl::StatusOr<net::HttpResponse>;

/// Safe for concurrent use.
class ScriptedClient : public net::HttpClient {
 public:
  using Reply = std::function<Answer(const net::HttpRequest&)>;
  /// Answers what was queued by `Then`, then always with `reply`.
  explicit ScriptedClient(Reply reply) : reply_(std::move(reply)) {}
  void Then(Answer answer) {
    MutexLock lock(mutex_);
    queued_.push_back(std::move(answer));
  }
  absl::StatusOr<net::HttpResponse> Send(net::HttpRequest request, std::stop_token) override {
    CondLock lock(mutex_);
    requests_.push_back(request);
    if (queued_.empty()) {
      lock.unlock();
      return reply_(request);
    }
    Answer answer = std::move(queued_.front());
    queued_.pop_front();
    return answer;
  }
  std::size_t count() const {
    MutexLock lock(mutex_);
    return requests_.size();
  }
  std::vector<net::HttpRequest> requests() const {
    MutexLock lock(mutex_);
    return requests_;
  }

 private:
  const Reply reply_;
  mutable Mutex mutex_;
  std::deque<Answer> queued_ MCPGATE_GUARDED_BY(mutex_);
  std::vector<net::HttpRequest> requests_ MCPGATE_GUARDED_BY(mutex_);
};

inline net::HttpResponse Said(int status, std::string body = "{}",
                              std::vector<std::pair<std::string, std::string>> headers = {}) {
  net::HttpResponse response{.status = status, .body = std::move(body)};
  for (auto& [name, value] : headers) response.headers.Add(name, value);
  return response;
}

inline std::vector<std::pair<std::string, std::string>> Bucket(std::string id, int limit, int remaining,
                                                               std::string reset_after) {
  return {{"X-RateLimit-Bucket", id},
          {"X-RateLimit-Limit", std::to_string(limit)},
          {"X-RateLimit-Remaining", std::to_string(remaining)},
          {"X-RateLimit-Reset-After", reset_after}};
}

inline net::HttpResponse Limited(std::string scope, std::string retry_after) {
  return Said(429,
              fmt::format(R"({{"message":"You are being rate limited.","retry_after":{},"global":{}}})",
                          retry_after, scope == "global"),
              {{"X-RateLimit-Scope", scope}, {"Retry-After", "1"}});
}

inline absl::Status Lost() {
  return net::TransportError(absl::StatusCode::kUnavailable, "cut", net::Delivery::kMaybeSent);
}
inline absl::Status Unsent() {
  return net::TransportError(absl::StatusCode::kUnavailable, "refused", net::Delivery::kNotSent);
}

/// A DiscordRest over a script. Answers `{}` unless told otherwise.
struct ScriptedRest {
  explicit ScriptedRest(
      ScriptedClient::Reply reply = [](const net::HttpRequest&) { return Said(200); },
      DiscordOptions options = {}) {
    options.bot_token = Secret(kToken);
    options.base_url = "http://127.0.0.1:1/api/v10";
    options.user_agent = "DiscordBot (test, 1)";
    options.nonce_key = Secret("0123456789abcdef0123456789abcdef");
    options.clock = &clock;
    auto owned_client = std::make_unique<ScriptedClient>(std::move(reply));
    auto owned_pause = std::make_unique<FakePause>(clock);
    client = owned_client.get();
    pause = owned_pause.get();
    rest = std::make_shared<DiscordRest>(
        std::move(options), RestParts{std::move(owned_client), std::move(owned_pause), [] { return 0.0; }});
  }

  RestReply Get() {
    return rest->Call(
        {.route = "/channels/{channel}", .major = "1", .path = "/channels/1", .repeatable = true},
        {.who = "a"});
  }
  RestReply Post(bool repeatable) {
    return rest->Call({.method = "POST",
                       .route = "/channels/{channel}/messages",
                       .major = "1",
                       .path = "/channels/1/messages",
                       .body = Json{{"content", "hi"}},
                       .repeatable = repeatable},
                      {.who = "a"});
  }

  FakeClock clock;
  FakePause* pause = nullptr;
  ScriptedClient* client = nullptr;
  std::shared_ptr<DiscordRest> rest;
};

}  // namespace mcpgate::testing
