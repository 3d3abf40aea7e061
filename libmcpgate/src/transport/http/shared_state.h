// File: transport/http/shared_state.h
//
// What the loops of one listener share.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/mutex.h"
#include "mcpgate/http.h"

namespace mcpgate::http {

/// SharedState
///
/// Safe for concurrent use once `on_free` is set.
class SharedState {
 public:
  /// The place of one connection. Free again when this goes.
  class Place {
   public:
    explicit Place(SharedState* shared) : shared_(shared) {}
    Place(Place&& other) noexcept : shared_(std::exchange(other.shared_, nullptr)) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (shared_ != nullptr) shared_->Free();
    }

   private:
    SharedState* shared_;
  };

  SharedState(HttpListenerOptions listener_options, std::shared_ptr<HttpHandler> listener_handler)
      : options(std::move(listener_options)), handler(std::move(listener_handler)) {}

  /// Nullopt when there are connections enough.
  std::optional<Place> TakePlace();
  std::size_t open() const { return open_.load(); }

  /// Null without TLS.
  std::shared_ptr<SSL_CTX> tls() const;
  void SetTls(std::shared_ptr<SSL_CTX> context);

  void LoopListens();
  void LoopIsDeaf();
  /// Until no loop listens and no connection is left. False when it took longer.
  bool WaitForEnd(std::chrono::nanoseconds most);
  void WaitForEnd();

  const HttpListenerOptions options;
  const std::shared_ptr<HttpHandler> handler;
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::size_t> lost{0};  ///< answers that were dropped
  std::function<void()> on_free{};   ///< called when a place is free again

 private:
  void Free();
  bool IsOver() const MCPGATE_REQUIRES(mutex_) { return listening_ == 0 && open_.load() == 0; }

  std::atomic<std::size_t> open_{0};
  CondVar changed_;
  mutable Mutex mutex_;
  std::size_t listening_ MCPGATE_GUARDED_BY(mutex_) = 0;
  std::shared_ptr<SSL_CTX> tls_ MCPGATE_GUARDED_BY(mutex_);
};

}  // namespace mcpgate::http
