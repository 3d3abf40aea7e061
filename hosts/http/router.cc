#include "http/router.h"

#include <utility>

#include "http/address.h"
#include "mcpgate/admin.h"
#include "mcpgate/json.h"

namespace mcpgate::hosts {
namespace {

constexpr std::size_t kRetiredKept = 8;

HttpResponse Plain(int status, std::string body, std::string type = "text/plain; charset=utf-8") {
  return {.status = status,
          .headers = {{"Content-Type", std::move(type)},
                      {"Cache-Control", "no-store"},
                      {"X-Content-Type-Options", "nosniff"}},
          .body = std::move(body)};
}

class Router final : public HttpHandler {
 public:
  explicit Router(RouterOptions options) : options_(std::move(options)) {}

  std::optional<HttpResponse> Screen(const HttpRequest& request) override {
    const PathClass path = ClassOf(request.target, options_.mcp_path);
    if (path == PathClass::kMcp) return options_.mcp->Screen(request);
    if (path == PathClass::kAdmin && options_.admin == nullptr) {
      return Plain(404, "the REST service is off here; start mcpgate-http without --no-admin\n");
    }
    if (path == PathClass::kAdmin) return options_.admin->Screen(request);
    if (path == PathClass::kOther) {
      return Plain(404, Signpost());
    }
    if (request.method != "GET" && request.method != "HEAD") {
      HttpResponse refusal = Plain(405, "use GET or HEAD\n");
      refusal.headers.emplace_back("Allow", "GET, HEAD");
      return refusal;
    }
    if (path == PathClass::kMetrics && !MayReadMetrics(request)) {
      return Plain(403, "metrics are for clients of this machine; --metrics-open shows them to everybody\n");
    }
    return std::nullopt;
  }

  void Handle(const HttpRequest& request, std::shared_ptr<HttpExchange> exchange) override {
    switch (ClassOf(request.target, options_.mcp_path)) {
      case PathClass::kMcp:
        return options_.mcp->Handle(request, std::move(exchange));
      case PathClass::kAdmin:
        return options_.admin->Handle(request, std::move(exchange));
      case PathClass::kReady:
        return exchange->Respond(Readiness());
      case PathClass::kMetrics:
        return exchange->Respond(Plain(200, options_.metrics(), "text/plain; version=0.0.4; charset=utf-8"));
      case PathClass::kHealth:
      case PathClass::kOther:
      case PathClass::kUnread:
        return exchange->Respond(Plain(200, "ok\n"));
    }
  }

  void AddHeaders(const HttpRequest& request, HttpResponse& answer) override {
    if (ClassOf(request.target, options_.mcp_path) == PathClass::kMcp)
      options_.mcp->AddHeaders(request, answer);
  }

 private:
  // Clients whose key was refused come here to look for OAuth, and show their users this answer instead of
  // the refusal.
  std::string Signpost() const {
    return "there is nothing at this path; MCP is at " + options_.mcp_path +
           " and wants a valid API key (Authorization: Bearer KEY); there is no OAuth here\n";
  }

  bool MayReadMetrics(const HttpRequest& request) const {
    if (*options_.metrics_open) return true;
    // What came through a proxy is not from this machine, even when the proxy is: nobody said whom it serves.
    for (const char* name : {"X-Forwarded-For", "Forwarded", "Via"}) {
      if (request.Find(name)) return false;
    }
    const std::optional<IpAddress> peer = IpAddress::Parse(request.peer);
    return peer && peer->is_loopback();
  }

  HttpResponse Readiness() const {
    const HealthReport report = options_.health->Report();
    return Plain(report.ready() ? 200 : 503, DumpJson(report.ToJson()) + "\n", "application/json");
  }

  const RouterOptions options_;
};

}  // namespace

PathClass ClassOf(std::string_view target, std::string_view mcp_path) {
  const std::string_view path = target.substr(0, target.find('?'));
  if (path == mcp_path) return PathClass::kMcp;
  if (path == "/healthz") return PathClass::kHealth;
  if (path == "/readyz") return PathClass::kReady;
  if (path == "/metrics") return PathClass::kMetrics;
  if (IsAdminTarget(target)) return PathClass::kAdmin;
  return PathClass::kOther;
}

void Mount::Replace(std::shared_ptr<HttpHandler> next) {
  std::shared_ptr<HttpHandler> forgotten;  // dies after the lock is released
  MutexLock lock(mutex_);
  retired_.push_back(std::exchange(current_, std::move(next)));
  if (retired_.size() <= kRetiredKept) return;
  forgotten = std::move(retired_.front());
  retired_.erase(retired_.begin());
}

std::shared_ptr<HttpHandler> Mount::Get() const {
  MutexLock lock(mutex_);
  return current_;
}

std::shared_ptr<HttpHandler> NewRouter(RouterOptions options) {
  return std::make_shared<Router>(std::move(options));
}

}  // namespace mcpgate::hosts
