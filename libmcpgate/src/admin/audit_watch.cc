#include "admin/audit_watch.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "admin/problem.h"
#include "mcpgate/admin.h"

namespace mcpgate::admin {
namespace {

// Of a stream that came back, where it was; else what the request says.
std::optional<std::uint64_t> After(const CheckedRequest& checked, const RawRequest& raw) {
  if (checked.last_event) return checked.last_event;
  const auto after = raw.query.find("after");
  if (after == raw.query.end()) return std::nullopt;
  std::uint64_t seq = 0;
  std::from_chars(after->second.data(), after->second.data() + after->second.size(), seq);
  return seq;
}

HttpResponse NoHandshake() {
  HttpResponse refusal = PlainProblem(426, "this is a WebSocket of version 13");
  refusal.headers.insert(refusal.headers.end(), {{"Upgrade", "websocket"}, {"Sec-WebSocket-Version", "13"}});
  return refusal;
}

}  // namespace

TenantScope ScopeOf(const Admission& admission) {
  return admission.Permits(kOperatorResource) ? TenantScope::Operator()
                                              : TenantScope::Of(admission.principal());
}

AuditWatch::AuditWatch(Gate& gate, AuditTrail* trail)
    : gate_(gate), live_(trail == nullptr ? nullptr : std::make_unique<LiveAudit>(*trail)) {}

void AuditWatch::EndAll() {
  if (live_ != nullptr) live_->EndAll();
}

void AuditWatch::Begin(const Job& job, const std::shared_ptr<HttpExchange>& exchange) {
  const Endpoint& endpoint = job.row->endpoint;
  absl::StatusOr<Admission> admission = gate_.Admit(
      job.credentials,
      {.name = endpoint.action, .role = endpoint.role, .effect = false, .klass = AuditClass::kAdmin});
  if (!admission.ok()) return exchange->Respond(ProblemAnswer(admission.status()));
  const auto checked = job.row->check.Check(job.raw);
  if (const auto* problem = std::get_if<Problem>(&checked)) return exchange->Respond(ProblemAnswer(*problem));
  if (live_ == nullptr)
    return exchange->Respond(PlainProblem(404, "this server keeps no trail that can be watched"));
  const TenantScope scope = ScopeOf(*admission);
  if (endpoint.is_socket && !job.handshake) return exchange->Respond(NoHandshake());
  const absl::StatusOr<std::uint64_t> newest = live_->Newest();
  admission->Finish(newest.status());
  if (!newest.ok()) return exchange->Respond(ProblemAnswer(newest.status()));
  if (!live_->HasRoom())
    return exchange->Respond(PlainProblem(503, "too many watch already; try again later"));
  const std::uint64_t after = After(std::get<CheckedRequest>(checked), job.raw).value_or(*newest);
  live_->Add({.scope = scope,
              .after = std::min(after, *newest),
              .viewer = NewViewer(job, exchange),
              .may_watch = [gate = &gate_, credentials = job.credentials, &endpoint] {
                const auto caller = gate->Authenticate(credentials);
                return caller.ok() && gate->Permits(**caller, endpoint.action, endpoint.role);
              }});
}

std::unique_ptr<AuditViewer> AuditWatch::NewViewer(const Job& job,
                                                   const std::shared_ptr<HttpExchange>& exchange) {
  if (job.row->endpoint.is_socket) return sockets_.Accept(*job.handshake, exchange);
  exchange->BeginStream({.headers = {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-store"}}});
  return NewEventStream(exchange);
}

}  // namespace mcpgate::admin
