// /v1/admin/audit
#include <utility>

#include "admin/tables.h"
#include "admin/views.h"

namespace mcpgate::admin {
namespace {

constexpr char kPath[] = "/v1/admin/audit", kTag[] = "Audit trail";

std::optional<std::string> Given(const ApiRequest& request, std::string_view name) {
  const std::string_view value = request.Query(name);
  return value.empty() ? std::nullopt : std::optional<std::string>(value);
}

absl::Status TakeTime(const ApiRequest& request, std::string_view name, std::optional<WallTime>& into) {
  if (request.Query(name).empty()) return absl::OkStatus();
  const absl::StatusOr<WallTime> time = ParseTime(name, request.Query(name));
  if (time.ok()) into = *time;
  return time.status();
}

absl::StatusOr<AuditQuery> QueryOf(const ApiRequest& request) {
  AuditQuery query{.limit = static_cast<std::size_t>(request.Number("limit", 100)),
                   .newest = request.Query("order") != "oldest",
                   .tenant = Given(request, "tenant"),
                   .key = Given(request, "key"),
                   .action = Given(request, "action"),
                   .outcome = Given(request, "outcome"),
                   .klass = Given(request, "class"),
                   .call = Given(request, "call"),
                   .text = Given(request, "text")};
  absl::Status status = TakeTime(request, "from", query.from);
  status.Update(TakeTime(request, "until", query.until));
  if (!status.ok()) return status;
  return query;
}

absl::StatusOr<Json> RecordJson(const StoredAudit& record) {
  absl::StatusOr<Json> body = ParseJson(record.body);
  if (!body.ok()) return absl::DataLossError("a record of the trail is not readable; verify the trail");
  (*body)["seq"] = record.seq;
  return body;
}

absl::StatusOr<ApiAnswer> List(AuditTrail* trail, const ApiRequest& request) {
  if (trail == nullptr) return absl::NotFoundError("this server keeps no trail that can be read");
  const absl::StatusOr<AuditQuery> query = QueryOf(request);
  if (!query.ok()) return query.status();
  const absl::StatusOr<AuditPage> page = trail->Page(request.scope, *query, request.Query("cursor"));
  if (!page.ok()) return page.status();
  Json items = Json::array();
  for (const StoredAudit& record : page->records) {
    absl::StatusOr<Json> json = RecordJson(record);
    if (!json.ok()) return json.status();
    items.push_back(*std::move(json));
  }
  Json body = PageJson(std::move(items), page->next);
  body["previous"] = page->previous.empty() ? Json() : Json(page->previous);
  return ApiAnswer{.body = std::move(body)};
}

std::string_view StateName(AuditVerdict::State state) {
  switch (state) {
    case AuditVerdict::State::kIntact:
      return "intact";
    case AuditVerdict::State::kTampered:
      return "tampered";
    case AuditVerdict::State::kTruncated:
      return "truncated";
    case AuditVerdict::State::kUnreadable:
      return "unreadable";
  }
  return "";
}

absl::StatusOr<ApiAnswer> Verify(AuditTrail* trail, const ApiRequest& request) {
  if (trail == nullptr) return absl::NotFoundError("this server keeps no trail that can be read");
  if (!request.scope.is_operator())
    return absl::PermissionDeniedError("the trail as a whole is the operator's to verify");
  const AuditVerdict verdict = trail->Verify();
  return ApiAnswer{.body = {{"state", StateName(verdict.state)},
                            {"records", verdict.records},
                            {"first_bad", verdict.first_bad == 0 ? Json() : Json(verdict.first_bad)},
                            {"detail", verdict.detail}}};
}

Json RecordSchema() {
  const Json text = {{"type", "string"}}, number = {{"type", "integer"}};
  return {{"type", "object"},
          {"required", {"seq", "time", "class", "phase", "outcome", "action"}},
          {"properties",
           {{"seq", number},
            {"time", {{"type", "string"}, {"format", "date-time"}}},
            {"class", {{"enum", {"tool", "auth", "admin", "system"}}}},
            {"phase", {{"enum", {"single", "intent", "outcome"}}}},
            {"outcome", {{"enum", {"allow", "deny", "ok", "error", "aborted", "cancelled", "unknown"}}}},
            {"action", text},
            {"call", {{"type", "string"}, {"description", "ties intent and outcome together"}}},
            {"tenant", text},
            {"key", text},
            {"principal", text},
            {"source", text},
            {"reason", text},
            {"request", text},
            {"args_digest", text},
            {"args_bytes", number},
            {"duration_ns", number},
            {"fields", {{"type", "object"}, {"additionalProperties", text}}}}}};
}

Json RecordPageSchema() {
  Json page = PageSchema("AuditRecord");
  page["properties"]["previous"] = {
      {"type", {"string", "null"}},
      {"description", "the cursor of what comes before, and of what will come"}};
  return page;
}

Json VerdictSchema() {
  return {
      {"type", "object"},
      {"required", {"state", "records", "detail"}},
      {"properties",
       {{"state", {{"enum", {"intact", "tampered", "truncated", "unreadable"}}}},
        {"records", {{"type", "integer"}}},
        {"first_bad", {{"type", {"integer", "null"}}, {"description", "the first seq that does not hold"}}},
        {"detail", {{"type", "string"}}}}}};
}

std::vector<QueryParameter> Filters() {
  const Json time = {{"type", "string"}, {"maxLength", 40}};
  return PageParameters(
      {{"order", {{"type", "string"}, {"enum", {"newest", "oldest"}}}, "newest first unless said otherwise"},
       {"tenant", TextSchema(64, "an id"), "records of this tenant alone"},
       {"key", TextSchema(64, "an id"), "records of this key"},
       {"action", TextSchema(200, "a pattern"), "such as admin.* or discord_send_message"},
       {"outcome",
        {{"type", "string"}, {"enum", {"allow", "deny", "ok", "error", "aborted", "cancelled", "unknown"}}},
        "how it ended"},
       {"class", {{"type", "string"}, {"enum", {"tool", "auth", "admin", "system"}}}, "what it was about"},
       {"call", TextSchema(100, "an id"), "the records of one call"},
       {"text", TextSchema(200, "any text"), "occurs in a text of the record"},
       {"from", time, "this time or later, RFC 3339"},
       {"until", time, "before this time"}});
}

QueryParameter AfterParameter() {
  return {"after",
          {{"type", "integer"}, {"minimum", 0}, {"maximum", 999'999'999'999'999'999}},
          "the seq of the last record that arrived; what came after it is told first"};
}

absl::StatusOr<ApiAnswer> NewTicket(Tickets& tickets, const ApiRequest& request) {
  const absl::StatusOr<std::string> ticket = tickets.Issue(request.credentials);
  if (!ticket.ok()) return ticket.status();
  const std::int64_t seconds = Tickets::kLife.count();
  return ApiAnswer{.body = {{"ticket", *ticket}, {"expires_in", seconds}}, .location = "/v1/admin/audit/ws"};
}

Json TicketSchema() {
  return {{"type", "object"},
          {"required", {"ticket", "expires_in"}},
          {"properties",
           {{"ticket", {{"type", "string"}, {"description", "good once"}}},
            {"expires_in", {{"type", "integer"}, {"description", "seconds"}}}}}};
}

}  // namespace

void AddAuditEndpoints(const Backends& backends, Api& api) {
  AuditTrail* trail = backends.trail;
  api.schemas["AuditRecord"] = RecordSchema();
  api.schemas["AuditPage"] = RecordPageSchema();
  api.schemas["Ticket"] = TicketSchema();
  api.schemas["AuditVerdict"] = VerdictSchema();
  api.endpoints.push_back({.method = "GET",
                           .path = kPath,
                           .operation = "listAudit",
                           .action = "admin.audit.list",
                           .tag = kTag,
                           .summary = "What was done, by whom, and what was refused",
                           .effect = false,
                           .query = Filters(),
                           .answers = "AuditPage",
                           .problems = {404},
                           .run = [trail](const ApiRequest& request) { return List(trail, request); }});
  api.endpoints.push_back(
      {.method = "GET",
       .path = "/v1/admin/audit/stream",
       .operation = "watchAudit",
       .action = "admin.audit.watch",
       .tag = kTag,
       .summary = "Records as they become durable, one event each (`record`; `gap` for what is out of reach)",
       .effect = false,
       .query = {AfterParameter()},
       .is_stream = true,
       .problems = {404}});
  api.endpoints.push_back(
      {.method = "GET",
       .path = "/v1/admin/audit/ws",
       .operation = "watchAuditSocket",
       .action = "admin.audit.watch",
       .tag = kTag,
       .summary = "The same over a WebSocket, one JSON object a message",
       .effect = false,
       .query = {AfterParameter(),
                 {"ticket", TextSchema(100, "of POST /v1/admin/audit/tickets"), "in place of a key"}},
       .status = 101,
       .is_socket = true,
       .is_stream = true,
       .problems = {404, 426}});
  api.endpoints.push_back({.method = "POST",
                           .path = "/v1/admin/audit/tickets",
                           .operation = "createAuditTicket",
                           .action = "admin.audit.ticket",
                           .tag = kTag,
                           .summary = "Stand in for your key at the WebSocket, once, within thirty seconds",
                           .effect = false,
                           .status = 201,
                           .answers = "Ticket",
                           .run = [tickets = backends.tickets](const ApiRequest& request) {
                             return NewTicket(*tickets, request);
                           }});
  api.endpoints.push_back({.method = "POST",
                           .path = "/v1/admin/audit:verify",
                           .operation = "verifyAudit",
                           .action = "admin.audit.verify",
                           .tag = kTag,
                           .summary = "Walk the whole chain of the trail",
                           .effect = false,
                           .answers = "AuditVerdict",
                           .problems = {404},
                           .run = [trail](const ApiRequest& request) { return Verify(trail, request); }});
}

}  // namespace mcpgate::admin
