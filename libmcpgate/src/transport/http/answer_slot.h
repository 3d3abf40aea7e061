// File: transport/http/answer_slot.h
//
// Between handlers, which answer on any thread, and the loop that owns the connection: what is to be sent
// waits here until the loop looks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "base/mutex.h"
#include "mcpgate/http.h"

namespace mcpgate::http {

/// AnswerSlot
///
/// One a connection, used by its requests in turn. Safe for concurrent use; the functions of the loop are
/// called by its thread only.
class AnswerSlot : public std::enable_shared_from_this<AnswerSlot> {
 public:
  struct News {
    std::optional<HttpResponse> response{};        ///< the answer, or the head of a stream
    bool is_stream = false;                        ///< `response` is the head of one
    std::function<void(std::string_view)> take{};  ///< instead of a response: a tunnel begins
    std::string bytes{};
    bool is_ended = false;
    bool is_broken = false;  ///< no more will come, and the end is missing
  };

  /// `wake` makes the loop call Take; any thread calls it, and it may come to nothing.
  AnswerSlot(std::size_t max_waiting, std::function<void()> wake)
      : max_waiting_(max_waiting), wake_(std::move(wake)) {}

  // The loop's side.

  /// For the next request. The loop is not woken before it has looked once.
  std::shared_ptr<HttpExchange> Open();
  News Take();
  bool IsBroken() const;
  /// Bytes that were taken and no longer wait.
  void Sent(std::size_t bytes);
  /// The answer is complete.
  void Finish();
  /// The client went away. Calls the handler's callback.
  void Gone();
  /// The client sends no more. Calls the handler's callback; an answer is still taken.
  void HalfGone();

 private:
  class Exchange;
  enum class Phase { kIdle, kOpen, kAnswered, kStreaming, kEnded, kBroken, kGone };
  using Callback = absl::AnyInvocable<void()>;

  // The handlers' side. A number that is not the current request's: its answer is complete.
  void Answer(std::uint64_t number, HttpResponse response, bool is_stream);
  void Tunnel(std::uint64_t number, std::function<void(std::string_view)> take);
  bool Write(std::uint64_t number, std::string bytes);
  void End(std::uint64_t number);
  void OnGone(std::uint64_t number, Callback gone);
  void Drop(std::uint64_t number);

  bool IsUnanswered(std::uint64_t number) const;
  bool IsIn(std::uint64_t number, Phase phase) const MCPGATE_REQUIRES(mutex_) {
    return number == number_ && phase == phase_;
  }
  bool NeedsWake() MCPGATE_REQUIRES(mutex_);

  const std::size_t max_waiting_;
  const std::function<void()> wake_;

  mutable Mutex mutex_;
  std::uint64_t number_ MCPGATE_GUARDED_BY(mutex_) = 0;
  Phase phase_ MCPGATE_GUARDED_BY(mutex_) = Phase::kIdle;
  bool loop_will_look_ MCPGATE_GUARDED_BY(mutex_) = false;
  std::optional<HttpResponse> response_ MCPGATE_GUARDED_BY(mutex_);
  bool is_stream_ MCPGATE_GUARDED_BY(mutex_) = false;
  std::function<void(std::string_view)> take_ MCPGATE_GUARDED_BY(mutex_);  // until the loop looks
  std::string bytes_ MCPGATE_GUARDED_BY(mutex_);
  std::size_t waiting_ MCPGATE_GUARDED_BY(mutex_) = 0;  // bytes_ and what was taken of it and not sent
  bool has_callback_ MCPGATE_GUARDED_BY(mutex_) = false;
  bool is_half_gone_ MCPGATE_GUARDED_BY(mutex_) = false;
  Callback gone_ MCPGATE_GUARDED_BY(mutex_);
};

}  // namespace mcpgate::http
