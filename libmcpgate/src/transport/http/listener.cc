#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <thread>
#include <utility>
#include <vector>

#include "mcpgate/http.h"
#include "transport/http/event_loop.h"
#include "transport/http/listen_socket.h"
#include "transport/http/shared_state.h"
#include "transport/http/tls_context.h"

namespace mcpgate {
namespace http {
namespace {

constexpr std::size_t kMaxThreads = 256;
constexpr Nanos kMaxWait = std::chrono::hours(24);

absl::Status CheckOptions(const HttpListenerOptions& options) {
  const auto invalid = [](std::string_view what) { return absl::InvalidArgumentError(std::string(what)); };
  if (options.threads > kMaxThreads) return invalid(fmt::format("threads must be at most {}", kMaxThreads));
  if (options.max_header < 256 || options.max_header > (1u << 20)) {
    return invalid("max_header must be from 256 bytes to 1 MiB");
  }
  if (options.max_headers == 0) return invalid("max_headers must be at least 1");
  if (options.max_connections == 0) return invalid("max_connections must be at least 1");
  if (options.stream_queue == 0) return invalid("stream_queue must be at least 1 byte");
  for (const Nanos timeout :
       {options.header_timeout, options.body_timeout, options.idle_timeout, options.write_timeout}) {
    if (timeout <= Nanos(0) || timeout > kMaxWait) {
      return invalid("each timeout must be more than 0 and at most 24 hours");
    }
  }
  return absl::OkStatus();
}

class LoopListener final : public HttpListener {
 public:
  LoopListener(HttpListenerOptions options, std::shared_ptr<HttpHandler> handler)
      : shared_(std::move(options), std::move(handler)) {
    shared_.on_free = [this] {
      for (const auto& loop : loops_) loop->OnFree();
    };
  }
  ~LoopListener() override {
    for (const auto& loop : loops_) loop->Stop();
    for (const auto& loop : loops_) loop->Join();
    shared_.on_free = [] {};  // loops_ is about to go
  }

  absl::Status Open() {
    if (absl::Status loaded = ReloadTls(); !loaded.ok()) return loaded;
    absl::StatusOr<ListenAddress> address =
        ListenAddress::Parse(shared_.options.address, shared_.options.port);
    if (!address.ok()) return address.status();
    const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
    const std::size_t count = shared_.options.threads == 0 ? cores : shared_.options.threads;
    while (loops_.size() < count) {
      absl::StatusOr<Descriptor> listening = address->Listen(/*is_first=*/loops_.empty());
      if (!listening.ok()) return listening.status();
      loops_.push_back(EventLoop::New(shared_, *std::move(listening)));
    }
    port_ = address->port();
    for (const auto& loop : loops_) loop->Run();
    return absl::OkStatus();
  }

  std::uint16_t port() const override { return port_; }
  std::size_t open_connections() const override { return shared_.open(); }
  std::uint64_t accepted_connections() const override { return shared_.accepted.load(); }

  absl::Status ReloadTls() override {
    if (!shared_.options.tls) return absl::OkStatus();
    absl::StatusOr<std::shared_ptr<SSL_CTX>> context = LoadTls(*shared_.options.tls);
    if (!context.ok()) return context.status();
    shared_.SetTls(*std::move(context));
    return absl::OkStatus();
  }

  bool Drain(Nanos grace) override {
    for (const auto& loop : loops_) loop->Drain();
    if (shared_.WaitForEnd(std::clamp(grace, Nanos(0), kMaxWait))) return true;
    const std::size_t lost_before = shared_.lost.load();
    for (const auto& loop : loops_) loop->DropAll();
    shared_.WaitForEnd();
    return shared_.lost.load() == lost_before;
  }

 private:
  SharedState shared_;
  std::vector<std::unique_ptr<EventLoop>> loops_;  // all there before the first runs
  std::uint16_t port_ = 0;
};

}  // namespace
}  // namespace http

absl::StatusOr<std::unique_ptr<HttpListener>> HttpListener::Start(HttpListenerOptions options,
                                                                  std::shared_ptr<HttpHandler> handler) {
  if (handler == nullptr) return absl::InvalidArgumentError("a listener needs a handler");
  if (absl::Status checked = http::CheckOptions(options); !checked.ok()) return checked;
  try {
    auto listener = std::make_unique<http::LoopListener>(std::move(options), std::move(handler));
    if (absl::Status opened = listener->Open(); !opened.ok()) return opened;
    return listener;
  } catch (const std::exception& error) {  // no descriptors for a loop, no thread
    return absl::UnavailableError(fmt::format("cannot start the event loops: {}", error.what()));
  }
}

}  // namespace mcpgate
