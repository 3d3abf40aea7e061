// The REST service on memory alone, asked directly.
#pragma once

#include <doctest/doctest.h>

#include <future>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mcpgate/admin.h"
#include "mcpgate/json.h"
#include "mcpgate/key_admin.h"
#include "mcpgate/ledger.h"
#include "mcpgate/policy.h"
#include "support/fake_clock.h"

namespace mcpgate::testing {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// Waits for one answer.
class AwaitedExchange final : public HttpExchange {
 public:
  void Respond(HttpResponse response) override { answer_.set_value(std::move(response)); }
  void BeginStream(HttpResponse) override { FAIL("no stream was asked for"); }
  bool Write(std::string) override { return false; }
  void End() override {}
  void OnGone(absl::AnyInvocable<void()>) override {}
  HttpResponse Wait() { return answer_.get_future().get(); }

 private:
  std::promise<HttpResponse> answer_;
};

struct Answer {
  int status = 0;
  Json body;
  Headers headers;
  std::string text;

  std::string Header(std::string_view name) const {
    for (const auto& [known, value] : headers) {
      if (known == name) return value;
    }
    return {};
  }
  std::string Detail() const { return StringOr(body, "detail", ""); }
};

/// A gate with keys of every role, and the service before it.
class Service {
 public:
  explicit Service(std::vector<LimitPolicy> limits = {}, std::vector<BudgetRule> budgets = {},
                   std::map<Role, RoleRules> rules = {}) {
    const auto root = RandomSecret();
    keyring_ = *Keyring::New({.store = NewMemoryKeyStore(), .root_key = root, .clock = &clock_});
    std::shared_ptr<Ledger> ledger;
    if (!budgets.empty()) ledger = *NewMemoryLedger({.rules = std::move(budgets), .clock = &clock_});
    gate_ = *Gate::New({.keyring = keyring_,
                        .audit = sink_,
                        .limiter = NewLocalRateLimiter({.clock = &clock_}),
                        .limits = std::move(limits),
                        .policy = *Policy::New({.roles = std::move(rules)}),
                        .budget = ledger,
                        .clock = &clock_});
    options_ = {.gate = gate_.get(),
                .keyring = keyring_.get(),
                .ledger = std::move(ledger),
                .bootstrap_audit = sink_,
                .clock = &clock_};
    api_ = *NewAdminApi(options_);
  }
  /// From now on with tokens in files.
  void Deliver(TokenDelivery tokens) {
    options_.tokens = std::move(tokens);
    api_ = *NewAdminApi(options_);
  }

  std::string NewKey(Grants grants, std::string tenant = "default") {
    const auto issued = keyring_->admin().Issue(
        TenantScope::Operator(), {.name = "test", .tenant = std::move(tenant), .grants = std::move(grants)});
    REQUIRE_MESSAGE(issued.ok(), issued.status().ToString());
    return std::string(RevealSecret(issued->token));
  }
  /// A key that sees every tenant and may grant anything.
  const std::string& operator_key() {
    if (operator_key_.empty()) operator_key_ = NewKey({.role = Role::kAdmin, .resources = {"*"}});
    return operator_key_;
  }

  Answer Ask(std::string_view key, std::string_view method, std::string_view target,
             const Json& body = nullptr, Headers headers = {}) {
    headers.emplace_back("Host", "127.0.0.1:8808");
    if (!key.empty()) headers.emplace_back("Authorization", "Bearer " + std::string(key));
    if (!body.is_null()) headers.emplace_back("Content-Type", "application/json");
    return AskRaw(method, target, body.is_null() ? "" : DumpJson(body), headers);
  }

  Answer AskRaw(std::string_view method, std::string_view target, const std::string& body,
                const Headers& headers, bool secure = false) {
    std::vector<HttpHeader> views;
    for (const auto& [name, value] : headers) views.push_back({name, value});
    HttpRequest request{.method = method, .target = target, .headers = views, .peer = peer, .secure = secure};
    HttpResponse response;
    if (auto refusal = api_->Screen(request)) {
      response = *std::move(refusal);
    } else {
      request.body = body;
      const auto exchange = std::make_shared<AwaitedExchange>();
      api_->Handle(request, exchange);
      response = exchange->Wait();
    }
    Answer answer{.status = response.status, .headers = std::move(response.headers), .text = response.body};
    if (auto json = ParseJson(response.body); json.ok()) answer.body = *std::move(json);
    return answer;
  }

  void RecordBootstrapIn(std::shared_ptr<AuditSink> sink) {
    options_.bootstrap_audit = std::move(sink);
    api_ = *NewAdminApi(options_);
  }

  std::string IdOf(std::string_view key) {
    return std::string(StringOr(Ask(key, "GET", "/v1/whoami").body, "key", "?"));
  }

  Keyring& keyring() { return *keyring_; }
  MemoryAuditSink& sink() { return *sink_; }
  FakeClock& clock() { return clock_; }
  std::string peer = "127.0.0.1";  ///< where requests come from

 private:
  FakeClock clock_;
  std::shared_ptr<MemoryAuditSink> sink_ = NewMemoryAuditSink();
  std::shared_ptr<Keyring> keyring_;
  std::unique_ptr<Gate> gate_;
  AdminApiOptions options_;
  std::shared_ptr<AdminApi> api_;
  std::string operator_key_;
};

}  // namespace mcpgate::testing
