#include "sandbox/sandbox.h"

#include <string_view>
#include <utility>

#include "sandbox/listener.h"
#include "sandbox/service.h"

namespace mcpgate {
namespace {

// Random characters behind a beginning that people and secret scanners can tell from a real token.
Secret NewToken() {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const Secret random = RandomSecret(48);
  std::string token = "sandbox.";
  for (const char byte : RevealSecret(random)) token += kAlphabet[static_cast<unsigned char>(byte) & 63];
  return Secret::Take(token);
}

}  // namespace

const std::string* SandboxRequest::Header(std::string_view name) const {
  return sandbox::FindHeader(headers, name);
}

Sandbox::Sandbox() = default;
Sandbox::~Sandbox() = default;

absl::StatusOr<std::unique_ptr<Sandbox>> Sandbox::Start(SandboxOptions options) {
  if (options.bot_token.empty()) options.bot_token = NewToken();
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
