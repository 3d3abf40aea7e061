#include "http/address_gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <utility>
#include <vector>

#include "http/address.h"
#include "http/router.h"
#include "mcpgate/gate.h"
#include "mcpgate/json.h"
#include "mcpgate/streamable_http.h"

namespace mcpgate::hosts {
namespace {

// In the words of whoever was asked: a problem (RFC 9457) by the REST service, an error of JSON-RPC
// elsewhere.
HttpResponse TooMany(const LimitPolicy& policy, Nanos retry_after, PathClass path) {
  const auto wait = std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(retry_after).count());
  const std::string message = fmt::format("too many requests from this address; wait {} s", wait);
  const int code = Refusal::kRateLimited;
  const Json data = {{"type", "https://iana.org/assignments/http-problem-types#quota-exceeded"},
                     {"violated-policies", {policy.name}},
                     {"retryAfterMs", std::chrono::ceil<std::chrono::milliseconds>(retry_after).count()},
                     {"limit", policy.limit},
                     {"remaining", 0}};
  const Json error = {{"code", code}, {"message", message}, {"data", data}};
  const bool is_rest = path == PathClass::kAdmin;
  const Json problem = {{"type", "about:blank"},
                        {"title", "Too Many Requests"},
                        {"status", 429},
                        {"detail", message},
                        {"code", code}};
  HttpResponse refusal{
      .status = 429,
      .headers = {{"Content-Type", is_rest ? "application/problem+json" : "application/json"},
                  {"Cache-Control", "no-store"}},
      .body = DumpJson(is_rest ? problem : Json{{"jsonrpc", "2.0"}, {"error", error}})};
  AddLimitHeaders({.name = policy.name, .limit = policy.limit, .window = policy.window}, retry_after,
                  refusal);
  return refusal;
}

// What a browser asks before it sends a request of a page (Fetch standard, "CORS-preflight fetch").
bool IsPreflight(const HttpRequest& request) {
  return request.method == "OPTIONS" && request.Find("Access-Control-Request-Method").has_value();
}

// A log-in shows its key in the body, so that it is refused later than others.
class CountedExchange final : public HttpExchange {
 public:
  CountedExchange(std::shared_ptr<HttpExchange> inner, std::function<void(HttpResponse&)> on_refused_key)
      : inner_(std::move(inner)), on_refused_key_(std::move(on_refused_key)) {}

  void Respond(HttpResponse response) override {
    if (response.status == 401) on_refused_key_(response);
    inner_->Respond(std::move(response));
  }
  void BeginStream(HttpResponse head) override { inner_->BeginStream(std::move(head)); }
  bool Write(std::string bytes) override { return inner_->Write(std::move(bytes)); }
  void End() override { inner_->End(); }
  void OnGone(absl::AnyInvocable<void()> gone) override { inner_->OnGone(std::move(gone)); }

 private:
  const std::shared_ptr<HttpExchange> inner_;
  const std::function<void(HttpResponse&)> on_refused_key_;
};

class AddressGate final : public HttpHandler {
 public:
  AddressGate(AddressGateOptions options, std::shared_ptr<HttpHandler> next)
      : options_(std::move(options)), next_(std::move(next)) {}

  std::optional<HttpResponse> Screen(const HttpRequest& request) override {
    const PathClass path = ClassOf(request.target, options_.mcp_path);
    // A probe must not fail because others behind its address are busy.
    if (path == PathClass::kHealth || path == PathClass::kReady) return next_->Screen(request);
    const std::string partition = PartitionOf(request);
    std::optional<HttpResponse> refusal = Charge(options_.requests, partition, path);
    if (!refusal) refusal = CheckFailures(partition, path);
    // A browser takes a preflight that is refused for "may not", and its page learns nothing of waiting. It
    // counts, and is answered; the request after it is refused where the page can read it.
    if (refusal && path == PathClass::kMcp && IsPreflight(request)) return next_->Screen(request);
    if (!refusal) {
      std::optional<HttpResponse> answer = next_->Screen(request);
      if (!answer || answer->status != 401) return answer;
      // Also of several at once no more are told than the limit says.
      refusal = Charge(options_.failures, partition, path);
      if (!refusal) return answer;
    }
    next_->AddHeaders(request, *refusal);
    return refusal;
  }

  void Handle(const HttpRequest& request, std::shared_ptr<HttpExchange> exchange) override {
    if (request.method == "POST" && ClassOf(request.target, options_.mcp_path) == PathClass::kAdmin) {
      exchange = std::make_shared<CountedExchange>(
          std::move(exchange), [this, partition = PartitionOf(request)](HttpResponse& answer) {
            if (auto refused = Charge(options_.failures, partition, PathClass::kAdmin))
              answer = *std::move(refused);
          });
    }
    next_->Handle(request, std::move(exchange));
  }
  void AddHeaders(const HttpRequest& request, HttpResponse& answer) override {
    next_->AddHeaders(request, answer);
  }

 private:
  static std::string PartitionOf(const HttpRequest& request) {
    const std::optional<IpAddress> address = IpAddress::Parse(request.peer);
    return address ? AddressPartition(*address) : std::string(request.peer);
  }

  std::optional<HttpResponse> Charge(const std::optional<LimitPolicy>& policy, std::string_view partition,
                                     PathClass path) {
    if (!policy) return std::nullopt;
    const LimitCharge charge{.policy = &*policy, .partition = partition};
    const absl::StatusOr<LimitDecision> decision = options_.limiter->Take({&charge, 1}, nullptr);
    if (!decision.ok() || decision->allowed) return std::nullopt;
    if (options_.on_limit) {
      options_.on_limit(policy->shadow ? LimitEvent::Kind::kShadow : LimitEvent::Kind::kRefused, *policy);
    }
    if (!policy->shadow) return TooMany(*policy, decision->retry_after, path);
    TellShadow(*policy, partition);
    return std::nullopt;
  }

  void TellShadow(const LimitPolicy& policy, std::string_view partition) {
    if (!options_.log) return;
    std::atomic<Nanos>& quiet_until =
        policy.scope == LimitScope::kFailedAuth ? failures_quiet_until_ : requests_quiet_until_;
    const Nanos now = Clock::System().Steady();
    Nanos until = quiet_until;
    if (now < until || !quiet_until.compare_exchange_strong(until, now + policy.window)) return;
    options_.log(
        fmt::format("limit '{}' would refuse address {}, and perhaps others", policy.name, partition));
  }

  std::optional<HttpResponse> CheckFailures(std::string_view partition, PathClass path) {
    if (!options_.failures || options_.failures->shadow) return std::nullopt;
    const LimitCharge charge{.policy = &*options_.failures, .partition = partition};
    const absl::StatusOr<std::vector<LimitStanding>> standing = options_.limiter->Peek({&charge, 1});
    if (!standing.ok() || standing->empty() || standing->front().remaining > 0) return std::nullopt;
    // Peek tells when nothing counts any more; a charge that finds no room tells when one unit will be free.
    // Should one just have become free, it is spent here, and the next request goes on.
    return Charge(options_.failures, partition, path);
  }

  const AddressGateOptions options_;
  const std::shared_ptr<HttpHandler> next_;
  std::atomic<Nanos> requests_quiet_until_{Nanos(0)}, failures_quiet_until_{Nanos(0)};
};

}  // namespace

std::shared_ptr<HttpHandler> NewAddressGate(AddressGateOptions options, std::shared_ptr<HttpHandler> next) {
  return std::make_shared<AddressGate>(std::move(options), std::move(next));
}

}  // namespace mcpgate::hosts
