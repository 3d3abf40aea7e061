// File: http/router.h
//
// Which handler answers which path.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/mutex.h"
#include "http/health.h"
#include "http/traffic.h"
#include "mcpgate/http.h"

namespace mcpgate::hosts {

/// What `target` asks for, when MCP is served at `mcp_path`.
PathClass ClassOf(std::string_view target, std::string_view mcp_path);

/// Mount
///
/// A handler that can be replaced while requests come. The replaced ones stay for the streams they opened,
/// the latest few of them. Safe for concurrent use.
class Mount final : public HttpHandler {
 public:
  explicit Mount(std::shared_ptr<HttpHandler> first) : current_(std::move(first)) {}
  void Replace(std::shared_ptr<HttpHandler> next);
  std::optional<HttpResponse> Screen(const HttpRequest& request) override { return Get()->Screen(request); }
  void Handle(const HttpRequest& request, std::shared_ptr<HttpExchange> exchange) override {
    Get()->Handle(request, std::move(exchange));
  }
  void AddHeaders(const HttpRequest& request, HttpResponse& answer) override {
    Get()->AddHeaders(request, answer);
  }

 private:
  std::shared_ptr<HttpHandler> Get() const;

  mutable Mutex mutex_;
  std::shared_ptr<HttpHandler> current_ MCPGATE_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<HttpHandler>> retired_ MCPGATE_GUARDED_BY(mutex_);
};

struct RouterOptions {
  std::string mcp_path = "/mcp";
  std::shared_ptr<HttpHandler> mcp;
  std::shared_ptr<HttpHandler> admin;  ///< of the REST service; null: there is none
  std::shared_ptr<const HealthMonitor> health;
  std::function<std::string()> metrics;                   ///< the text of /metrics
  std::shared_ptr<const std::atomic<bool>> metrics_open;  ///< false: for clients of this machine alone
};

/// MCP at its path; /healthz, /readyz and /metrics by GET and HEAD, without a key; anything else is 404.
std::shared_ptr<HttpHandler> NewRouter(RouterOptions options);

}  // namespace mcpgate::hosts
