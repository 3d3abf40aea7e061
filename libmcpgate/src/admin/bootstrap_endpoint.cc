// /v1/admin/bootstrap
#include <fmt/format.h>

#include <string>
#include <utility>

#include "admin/key_body.h"
#include "admin/tables.h"
#include "admin/views.h"
#include "base/crypto.h"

namespace mcpgate::admin {
namespace {

constexpr char kAction[] = "admin.bootstrap";

// No gate can know the caller, so that what it would record is recorded here.
AuditRecord IntentOf(const KeyRequest& request, const OpenRequest& asked, WallTime now) {
  AuditRecord record{.time = now,
                     .klass = AuditClass::kAdmin,
                     .phase = AuditPhase::kIntent,
                     .outcome = AuditOutcome::kAllow,
                     .call = RandomText(16),
                     .action = kAction,
                     .source = fmt::format("http {}", asked.peer),
                     .fields = {{"name", request.name}, {"tenant", request.tenant}}};
  if (!request.principal.empty()) record.fields.emplace_back("principal", request.principal);
  return record;
}

absl::Status RecordOutcome(AuditSink& sink, AuditRecord record, const absl::StatusOr<IssuedKey>& issued,
                           WallTime now) {
  record.phase = AuditPhase::kOutcome;
  record.outcome =
      issued.ok() ? AuditOutcome::kOk
                  : (absl::IsPermissionDenied(issued.status()) ? AuditOutcome::kDeny : AuditOutcome::kError);
  record.reason = issued.ok() ? "" : absl::StatusCodeToString(issued.status().code());
  record.duration = now - record.time;
  record.time = now;
  if (issued.ok()) record.fields.emplace_back("key", issued->record.id);
  return sink.Append(record, AuditDurability::kBefore);
}

absl::StatusOr<ApiAnswer> Bootstrap(const Backends& backends, const OpenRequest& request) {
  if (backends.bootstrap_audit == nullptr)
    return absl::NotFoundError("the first administrator is not made over REST here");
  const KeyRequest wanted{.name = StringOr(request.body, "name", "first administrator"),
                          .tenant = StringOr(request.body, "tenant", "default"),
                          .grants = {.role = Role::kAdmin, .resources = {"*"}},
                          .principal = StringOr(request.body, "principal", "")};
  AuditRecord record = IntentOf(wanted, request, backends.clock->Now());
  if (absl::Status status = backends.bootstrap_audit->Append(record, AuditDurability::kBefore); !status.ok())
    return absl::UnavailableError("this cannot be recorded, so it is not done");
  const absl::StatusOr<IssuedKey> issued = backends.keyring->admin().Bootstrap(
      Secret(StringOr(request.body, "token", "")), request.address, wanted);
  // The key is made by now; a missing outcome shows in the trail as an intent without one.
  (void)RecordOutcome(*backends.bootstrap_audit, std::move(record), issued, backends.clock->Now());
  if (!issued.ok()) return issued.status();
  if (backends.on_bootstrap) backends.on_bootstrap();
  return IssuedAnswer(*issued);
}

Json TokenSchema() {
  return {
      {"type", "object"},
      {"additionalProperties", false},
      {"required", {"token"}},
      {"properties",
       {{"token", {{"type", "string"}, {"minLength", 1}, {"maxLength", 500}, {"description", "of the file"}}},
        {"name",
         {{"type", "string"},
          {"minLength", 1},
          {"maxLength", 100},
          {"description", "of the key; first administrator unless given"}}},
        {"tenant", {{"type", "string"}, {"pattern", "^[a-z0-9-]{1,64}$"}}},
        {"principal", {{"type", "string"}, {"pattern", "^[A-Za-z0-9._@-]{1,64}$"}}}}}};
}

}  // namespace

void AddBootstrapEndpoint(const Backends& backends, Api& api) {
  api.endpoints.push_back(
      {.method = "POST",
       .path = "/v1/admin/bootstrap",
       .operation = "bootstrap",
       .action = kAction,
       .tag = "API keys",
       .summary = "Exchange the token of an empty store for the first administrator's key, once",
       .body = TokenSchema(),
       .status = 201,
       .answers = kIssuedKeySchema,
       .has_version = true,
       .problems = {404},
       .run_open = [backends](const OpenRequest& request) { return Bootstrap(backends, request); }});
}

}  // namespace mcpgate::admin
