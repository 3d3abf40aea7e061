// From a request to its answer: guard, identity, endpoint, gate, check, work.
#include <fmt/format.h>

#include <utility>
#include <vector>

#include "admin/alias.h"
#include "admin/audit_watch.h"
#include "admin/cookie.h"
#include "admin/idempotency.h"
#include "admin/job.h"
#include "admin/openapi.h"
#include "admin/pages.h"
#include "admin/problem.h"
#include "admin/tables.h"
#include "admin/target.h"
#include "admin/tickets.h"
#include "mcpgate/admin.h"
#include "mcpgate/executor.h"
#include "mcpgate/http_guard.h"

namespace mcpgate {
namespace admin {
namespace {

constexpr ThreadPoolOptions kPool{.threads = 4, .queue = 128};

/// Where a request leads: a row with the names in its path, or the methods that the path knows.
struct Found {
  const Row* row = nullptr;
  Values path{};
  std::string allow{};  ///< empty: there is nothing at this path
};

std::optional<std::string> HeaderText(const HttpRequest& request, std::string_view name) {
  const auto value = request.Find(name);
  return value ? std::optional<std::string>(*value) : std::nullopt;
}

// By somebody who stands between, and whom nobody has vouched for.
bool IsPassedOn(const HttpRequest& request) {
  return request.Find("X-Forwarded-For") || request.Find("Forwarded") || request.Find("Via");
}

bool IsJson(const HttpRequest& request) {
  const std::string_view type = request.Find("Content-Type").value_or("");
  const std::string_view media = type.substr(0, type.find(';'));
  return media.substr(0, media.find_last_not_of(' ') + 1) == "application/json";
}

// The same for equal requests, whatever the order of their members.
std::string CanonicalText(const RawRequest& raw, const Json& body) {
  return DumpJson(
      {{"path", raw.path}, {"query", raw.query}, {"body", body}, {"if_match", raw.if_match.value_or("")}});
}

class RestService final : public AdminApi {
 public:
  RestService(AdminApiOptions options, std::vector<Row> rows, std::string document,
              std::shared_ptr<Tickets> tickets)
      : options_(std::move(options)),
        guard_(options_.allowed_hosts, options_.allowed_origins),
        rows_(std::move(rows)),
        pages_(std::move(document)),
        tickets_(std::move(tickets)),
        answers_(*options_.clock),
        watch_(*options_.gate, options_.trail.get()),
        executor_(NewThreadPool(kPool)) {}

  std::optional<HttpResponse> Screen(const HttpRequest& request) override {
    const std::optional<Target> target = ReadTarget(request.target);
    if (!target) return PlainProblem(400, "the query is malformed, or names a parameter twice");
    if (auto bad = guard_.Check(request)) return PlainProblem(403, *std::move(bad));
    if (pages_.Has(target->path)) return pages_.Screen(request);
    const Found found = Find(request.method, target->path);
    if (found.row == nullptr || !found.row->endpoint.IsForStrangers()) {
      if (auto stranger = ScreenCaller(request, found, *target)) return stranger;
    }
    if (found.row == nullptr && found.allow.empty())
      return PlainProblem(404, "there is nothing at this path; see /docs");
    if (found.row == nullptr) {
      HttpResponse refusal = PlainProblem(405, "this path does not know the method");
      refusal.headers.emplace_back("Allow", found.allow);
      return refusal;
    }
    if (found.row->endpoint.body && (!IsJson(request) || request.Find("Content-Encoding"))) {
      return PlainProblem(415, "send application/json, not encoded");
    }
    return std::nullopt;
  }

  void EndStreams() override { watch_.EndAll(); }

  void Handle(const HttpRequest& request, std::shared_ptr<HttpExchange> exchange) override {
    Target target = *ReadTarget(request.target);
    if (pages_.Has(target.path)) {
      return exchange->Respond(pages_.Get(target.path, request.Find("If-None-Match").value_or("")));
    }
    Found found = Find(request.method, target.path);
    Identity identity = Identify(request, found, target, /*use=*/true);
    Job job{.row = found.row,
            .raw = {.path = std::move(found.path),
                    .query = std::move(target.query),
                    .body = std::string(request.body),
                    .if_match = HeaderText(request, "If-Match"),
                    .idempotency_key = HeaderText(request, "Idempotency-Key"),
                    .last_event = HeaderText(request, "Last-Event-ID")},
            .handshake = Handshake::Of(request),
            .secure = request.secure,
            .is_passed_on = IsPassedOn(request)};
    if (identity.is_browser) job.csrf_token = CsrfTokenOf(identity.credentials.api_key);
    job.credentials = std::move(identity.credentials);
    const bool taken = executor_->Submit([this, job = std::move(job), exchange]() mutable {
      if (job.row->endpoint.is_stream) return watch_.Begin(job, exchange);
      exchange->Respond(job.row->endpoint.opens_session ? Open(job) : Answer(job));
    });
    if (!taken) exchange->Respond(PlainProblem(503, "too much is under way; try again"));
  }

 private:
  // A socket's key may be a ticket's, which is used up by it.
  Identity Identify(const HttpRequest& request, const Found& found, const Target& target, bool use) {
    Identity identity = IdentityOf(request);
    const auto ticket = target.query.find("ticket");
    if (found.row == nullptr || !found.row->endpoint.is_socket || ticket == target.query.end() ||
        !identity.credentials.api_key.empty()) {
      return identity;
    }
    auto stands_for = use ? tickets_->Take(ticket->second) : tickets_->Look(ticket->second);
    if (stands_for) identity.credentials.api_key = std::move(stands_for->api_key);
    return identity;
  }

  // Nobody is told of paths, or of anything, before they have shown who they are.
  std::optional<HttpResponse> ScreenCaller(const HttpRequest& request, const Found& found,
                                           const Target& target) {
    const Identity identity = Identify(request, found, target, /*use=*/false);
    const auto known = options_.gate->Authenticate(identity.credentials);
    if (!known.ok()) return ProblemAnswer(known.status());
    if (IsOwnIdea(request, identity)) return std::nullopt;
    return PlainProblem(
        403, "a change with the cookie needs its csrf_token as X-CSRF-Token; GET /v1/admin/login tells it");
  }

  Found Find(std::string_view method, std::string_view path) const {
    const std::string name = Unaliased(path);
    Found found;
    for (const Row& row : rows_) {
      std::optional<Values> values = MatchPath(row.endpoint.path, name);
      if (!values) continue;
      if (row.endpoint.method == method) return {.row = &row, .path = *std::move(values)};
      found.allow += fmt::format("{}{}", found.allow.empty() ? "" : ", ", row.endpoint.method);
    }
    return found;
  }

  // The key is in the body, so that comes first.
  HttpResponse Open(Job& job) {
    auto checked = job.row->check.Check(job.raw);
    if (auto* problem = std::get_if<Problem>(&checked)) return ProblemAnswer(*problem);
    auto& fit = std::get<CheckedRequest>(checked);
    std::string key = StringOr(fit.body, "key", "");
    job.credentials.api_key = Secret::Take(key);
    fit.body.clear();
    return Run(job, fit).answer;
  }

  // Who may not is told so whatever they sent; what is malformed is told before it is charged.
  HttpResponse Answer(const Job& job) {
    const Endpoint& endpoint = job.row->endpoint;
    if (endpoint.run_open) return AnswerOpen(job);
    const auto caller = options_.gate->Authenticate(job.credentials);
    if (!caller.ok()) return ProblemAnswer(caller.status());
    if (!options_.gate->Permits(**caller, endpoint.action, endpoint.role)) return Run(job, {}).answer;
    auto checked = job.row->check.Check(job.raw);
    if (auto* problem = std::get_if<Problem>(&checked)) return ProblemAnswer(*problem);
    const auto& fit = std::get<CheckedRequest>(checked);
    if (!job.raw.idempotency_key || !TakesIdempotencyKey(endpoint)) return Run(job, fit).answer;
    return AnswerOnce(job, fit, **caller);
  }

  static HttpResponse AnswerOpen(const Job& job) {
    auto checked = job.row->check.Check(job.raw);
    if (auto* problem = std::get_if<Problem>(&checked)) return ProblemAnswer(*problem);
    absl::StatusOr<ApiAnswer> said =
        job.row->endpoint.run_open({.peer = job.credentials.address,
                                    .address = job.is_passed_on ? "" : job.credentials.address,
                                    .body = std::move(std::get<CheckedRequest>(checked).body)});
    return said.ok() ? Say(job.row->endpoint, *std::move(said), job.secure) : ProblemAnswer(said.status());
  }

  HttpResponse AnswerOnce(const Job& job, const CheckedRequest& checked, const Principal& caller) {
    const std::string key =
        fmt::format("{} {} {}", caller.family, job.row->endpoint.operation, *job.raw.idempotency_key);
    AnswerMemory::Found found = answers_.Begin(key, CanonicalText(job.raw, checked.body));
    switch (found.known) {
      case AnswerMemory::Known::kNo:
        break;
      case AnswerMemory::Known::kAnswered:
        return *std::move(found.answer);
      case AnswerMemory::Known::kRunning:
        return PlainProblem(409, "the first request with this Idempotency-Key is still under way");
      case AnswerMemory::Known::kOther:
        return PlainProblem(422, "this Idempotency-Key came with another request; take a new one");
      case AnswerMemory::Known::kFull:
        return PlainProblem(503, "too much is under way; try again");
    }
    Ran ran = Run(job, checked);
    if (ran.has_run) {
      answers_.Remember(key, ran.answer);
    } else {
      answers_.Forget(key);
    }
    return std::move(ran.answer);
  }

  struct Ran {
    HttpResponse answer;
    bool has_run = false;  ///< it changed something, or may have
  };

  Ran Run(const Job& job, const CheckedRequest& checked) {
    const Endpoint& endpoint = job.row->endpoint;
    absl::StatusOr<Admission> admission = options_.gate->Admit(
        job.credentials, {.name = endpoint.action,
                          .role = endpoint.role,
                          .effect = endpoint.effect,
                          .klass = AuditClass::kAdmin,
                          .arguments = CanonicalText(job.raw, checked.body),
                          .fields = FieldsOf(endpoint, job.raw.path, job.raw.query, checked.body)});
    if (!admission.ok()) return {.answer = ProblemAnswer(admission.status())};
    const Principal& caller = admission->principal();
    const ApiRequest request{.caller = caller,
                             .credentials = job.credentials,
                             .scope = ScopeOf(*admission),
                             .path = job.raw.path,
                             .query = job.raw.query,
                             .body = checked.body,
                             .if_version = checked.if_version,
                             .csrf_token = job.csrf_token};
    absl::StatusOr<ApiAnswer> said = endpoint.run(request);
    if (!said.ok()) {
      admission->Finish(said.status());
      const bool certain = said.status().code() != absl::StatusCode::kUnavailable &&
                           said.status().code() != absl::StatusCode::kInternal;
      return {.answer = ProblemAnswer(said.status(), checked.if_version.has_value()), .has_run = !certain};
    }
    admission->Finish(Outcome{.fields = said->audit_fields});
    return {.answer = Say(endpoint, *std::move(said), job.secure), .has_run = true};
  }

  static HttpResponse Say(const Endpoint& endpoint, ApiAnswer said, bool secure) {
    HttpResponse answer{.status = endpoint.status, .headers = {{"Cache-Control", "no-store"}}};
    if (said.version) answer.headers.emplace_back("ETag", VersionTag(*said.version));
    if (!said.location.empty()) answer.headers.emplace_back("Location", std::move(said.location));
    if (said.cookie) answer.headers.emplace_back("Set-Cookie", SetCookieText(*said.cookie, secure));
    if (endpoint.answers.empty()) return answer;
    answer.headers.emplace_back("Content-Type", "application/json");
    answer.body = DumpJson(said.body);
    return answer;
  }

  const AdminApiOptions options_;
  const http::HostGuard guard_;
  const std::vector<Row> rows_;
  const Pages pages_;
  const std::shared_ptr<Tickets> tickets_;
  AnswerMemory answers_;
  AuditWatch watch_;
  const std::unique_ptr<Executor> executor_;  // last: its work uses the rest
};

absl::StatusOr<std::vector<Row>> Compile(Api api) {
  std::vector<Row> rows;
  for (Endpoint& endpoint : api.endpoints) {
    absl::StatusOr<RequestCheck> check = RequestCheck::Of(endpoint);
    if (!check.ok()) return check.status();
    rows.push_back({std::move(endpoint), *std::move(check)});
  }
  return rows;
}

}  // namespace

Api MakeApi(const Backends& backends) {
  Api api;
  AddCallerEndpoints(backends, api);
  AddLogInEndpoints(backends, api);
  AddKeyEndpoints(backends, api);
  AddBootstrapEndpoint(backends, api);
  AddRotationEndpoints(backends, api);
  AddSessionEndpoints(backends, api);
  AddPeopleEndpoints(backends, api);
  AddAuditEndpoints(backends, api);
  AddLimitEndpoints(backends, api);
  AddUsageEndpoints(backends, api);
  AddPolicyEndpoints(backends, api);
  return api;
}

}  // namespace admin

bool IsAdminTarget(std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  return path.starts_with("/v1/") || admin::IsBelowAlias(path) || admin::Pages::IsPage(path);
}

absl::StatusOr<std::shared_ptr<AdminApi>> NewAdminApi(AdminApiOptions options) {
  if (options.gate == nullptr) return absl::InvalidArgumentError("AdminApiOptions.gate is not set");
  if (options.keyring == nullptr) return absl::InvalidArgumentError("AdminApiOptions.keyring is not set");
  auto tickets = std::make_shared<admin::Tickets>(*options.clock);
  admin::Api api = admin::MakeApi({.gate = options.gate,
                                   .keyring = options.keyring,
                                   .trail = options.trail.get(),
                                   .ledger = options.ledger.get(),
                                   .registry = options.registry.get(),
                                   .tokens = options.tokens,
                                   .bootstrap_audit = options.bootstrap_audit.get(),
                                   .on_bootstrap = options.on_bootstrap,
                                   .tickets = tickets.get(),
                                   .clock = options.clock});
  std::string document = DumpJson(admin::OpenApiDocument(api));
  auto rows = admin::Compile(std::move(api));
  if (!rows.ok()) return rows.status();
  return std::make_shared<admin::RestService>(std::move(options), *std::move(rows), std::move(document),
                                              std::move(tickets));
}

std::string AdminOpenApi() { return DumpJson(admin::OpenApiDocument(admin::MakeApi({}))); }

}  // namespace mcpgate
