// A listener on a free port, and handlers written where they are used.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/mutex.h"
#include "client.h"
#include "mcpgate/http.h"

namespace mcpgate::testing {

using std::chrono::milliseconds;
using std::chrono::seconds;

using Exchange = std::shared_ptr<HttpExchange>;
using HandleFn = std::function<void(const HttpRequest&, Exchange)>;
using ScreenFn = std::function<std::optional<HttpResponse>(const HttpRequest&)>;

class FunctionHandler final : public HttpHandler {
 public:
  explicit FunctionHandler(HandleFn handle, ScreenFn screen)
      : handle_(std::move(handle)), screen_(std::move(screen)) {}
  std::optional<HttpResponse> Screen(const HttpRequest& request) override {
    return screen_ ? screen_(request) : HttpHandler::Screen(request);
  }
  void Handle(const HttpRequest& request, Exchange exchange) override {
    handle_(request, std::move(exchange));
  }

 private:
  const HandleFn handle_;
  const ScreenFn screen_;
};

/// "METHOD target body"
inline void Echo(const HttpRequest& request, const Exchange& exchange) {
  std::string text(request.method);
  text.append(" ").append(request.target).append(" ").append(request.body);
  exchange->Respond({.status = 200, .body = std::move(text)});
}

inline std::unique_ptr<HttpListener> Listen(HttpListenerOptions options, HandleFn handle,
                                            ScreenFn screen = {}) {
  auto started = HttpListener::Start(std::move(options),
                                     std::make_shared<FunctionHandler>(std::move(handle), std::move(screen)));
  REQUIRE_MESSAGE(started.ok(), std::string(started.status().message()));
  return *std::move(started);
}

// A name of its own for the linker: test_support has a Served too.
inline namespace loopback {
struct Served {
  explicit Served(HandleFn handle = Echo, HttpListenerOptions options = {.threads = 2}, ScreenFn screen = {})
      : listener(Listen(std::move(options), std::move(handle), std::move(screen))), port(listener->port()) {}
  std::unique_ptr<HttpListener> listener;
  std::uint16_t port;
};
}  // namespace loopback

/// Box
///
/// Hands values from a listener's thread to the test's. Safe for concurrent use.
template <typename T>
class Box {
 public:
  void Put(T value) {
    MutexLock lock(mutex_);
    values_.push_back(std::move(value));
    changed_.notify_all();
  }
  T Get() {
    CondLock lock(mutex_);
    const bool there = changed_.wait_for(lock, Client::kPatience,
                                         [&]() MCPGATE_REQUIRES(mutex_) { return !values_.empty(); });
    REQUIRE_MESSAGE(there, "nothing was put into the box");
    T value = std::move(values_.front());
    values_.pop_front();
    return value;
  }
  bool IsEmpty() {
    MutexLock lock(mutex_);
    return values_.empty();
  }

 private:
  CondVar changed_;
  Mutex mutex_;
  std::deque<T> values_ MCPGATE_GUARDED_BY(mutex_);
};

/// True when it comes true within the patience of a client.
inline bool Eventually(const std::function<bool()>& condition) {
  std::mutex mutex;
  std::condition_variable never;
  const auto end = std::chrono::steady_clock::now() + Client::kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::unique_lock lock(mutex);
    never.wait_for(lock, milliseconds(2));
  }
  return true;
}

inline constexpr const char* kGet = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

}  // namespace mcpgate::testing
