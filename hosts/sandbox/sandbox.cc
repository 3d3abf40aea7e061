#include "sandbox/sandbox.h"

#include <sys/random.h>

#include <array>
#include <utility>

#include "absl/status/status.h"
#include "sandbox/listener.h"
#include "sandbox/service.h"

namespace mcpgate {
namespace {

// 48 random characters of 6 bits, and a beginning that secret scanners and people can tell from a real token.
absl::StatusOr<Secret> NewToken() {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::array<unsigned char, 48> random{};
  if (getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
    return absl::InternalError("the system gives no random bytes for the sandbox's token");
  }
  std::string token = "sandbox.";
  for (const unsigned char byte : random) token += kAlphabet[byte & 63];
  return Secret::Take(token);
}

}  // namespace

const std::string* SandboxRequest::Header(std::string_view name) const {
  return sandbox::FindHeader(headers, name);
}

Sandbox::Sandbox() = default;
Sandbox::~Sandbox() = default;

absl::StatusOr<std::unique_ptr<Sandbox>> Sandbox::Start(SandboxOptions options) {
  if (options.bot_token.empty()) {
    absl::StatusOr<Secret> token = NewToken();
    if (!token.ok()) return token.status();
    options.bot_token = *std::move(token);
  }
  const sandbox::ListenerOptions listening{.port = options.port,
                                           .max_body = options.max_body,
                                           .max_header = options.max_header,
                                           .max_connections = options.max_connections,
                                           .idle_timeout = options.idle_timeout};
  auto started = std::unique_ptr<Sandbox>(new Sandbox());
  started->token_ = options.bot_token;
  started->service_ = std::make_unique<sandbox::Service>(std::move(options));
  absl::StatusOr<std::unique_ptr<sandbox::Listener>> listener =
      sandbox::Listener::Start(listening, [service = started->service_.get()](sandbox::HttpRequest request) {
        return service->Handle(std::move(request));
      });
  if (!listener.ok()) return listener.status();
  started->listener_ = *std::move(listener);
  const std::string root = "http://127.0.0.1:" + std::to_string(started->listener_->port());
  started->base_url_ = root + "/api/v10";
  started->state_url_ = root + "/sandbox/state";
  return started;
}

std::string Sandbox::guild_id() const { return service_->guild_id(); }
std::string Sandbox::bot_id() const { return service_->bot_id(); }
std::string Sandbox::ChannelId(std::string_view name) const { return service_->ChannelId(name); }
std::vector<SandboxMessage> Sandbox::Messages(std::string_view channel_id) const {
  return service_->Messages(channel_id);
}
std::vector<SandboxRequest> Sandbox::RequestLog() const { return service_->RequestLog(); }
void Sandbox::FailNext(SandboxRoute route, SandboxFault fault) {
  service_->AddFault(std::move(route), std::move(fault));
}
void Sandbox::ClearFaults() { service_->ClearFaults(); }

SandboxCounters Sandbox::counters() const {
  SandboxCounters counters = service_->counters();
  counters.connections = listener_->connections();
  return counters;
}

}  // namespace mcpgate
