// /v1/admin/login and /v1/admin/logout: a key becomes the session of a browser, and the session ends.
#include <chrono>
#include <utility>

#include "admin/tables.h"
#include "admin/views.h"

namespace mcpgate::admin {
namespace {

constexpr char kTag[] = "You";
constexpr char kAnswer[] = "LogIn";
constexpr std::chrono::hours kLifetime{8};  // a working day

Json LogInJson(const Principal& caller, std::string_view key, const KeyRecord& record,
               std::string_view csrf_token) {
  return {{"key", key},
          {"principal", caller.principal.empty() ? Json() : Json(caller.principal)},
          {"tenant", caller.tenant},
          {"role", RoleName(caller.grants.role)},
          {"csrf_token", csrf_token.empty() ? Json() : Json(csrf_token)},
          {"expires_at", TimeJson(record.expires_at)}};
}

Json LogInSchema() {
  const Json text = {{"type", "string"}};
  return {
      {"type", "object"},
      {"required", {"key", "principal", "tenant", "role", "csrf_token", "expires_at"}},
      {"properties",
       {{"key", {{"type", "string"}, {"description", "the id of the key, not of its session"}}},
        {"principal", {{"type", {"string", "null"}}}},
        {"tenant", text},
        {"role", text},
        {"csrf_token",
         {{"type", {"string", "null"}},
          {"description",
           "for X-CSRF-Token, in each request with the cookie that is not a GET; null without a cookie"}}},
        {"expires_at", TimeSchema()}}}};
}

// What is told of a key that may not have sessions is for who shows it, so it names what to do.
absl::Status NoSession(const absl::Status& status) {
  if (status.code() != absl::StatusCode::kNotFound) return status;
  return absl::FailedPreconditionError(
      "a static key cannot log in, because it is in no store; make a key with mcpgate keys create");
}

absl::StatusOr<ApiAnswer> LogIn(KeyAdmin& keys, const ApiRequest& request) {
  const Principal& caller = request.caller;
  absl::StatusOr<IssuedKey> session = keys.MintSession(
      TenantScope::Of(caller), {.parent = caller.key_id, .name = "dashboard", .lifetime = kLifetime});
  if (!session.ok()) return NoSession(session.status());
  const KeyRecord& record = session->record;
  const std::chrono::milliseconds lifetime(record.expires_at - record.created_at);
  ApiAnswer answer{.body = LogInJson(caller, caller.key_id, record, CsrfTokenOf(session->token)),
                   .audit_fields = {{"session", record.id}}};
  answer.cookie = {.token = std::move(session->token),
                   .lifetime = std::chrono::floor<std::chrono::seconds>(lifetime)};
  return answer;
}

// The key that a session was minted from, whose secret may have changed meanwhile; of a key, itself.
absl::StatusOr<std::string> KeyBehind(KeyAdmin& keys, const TenantScope& scope, const KeyRecord& record) {
  if (record.kind == KeyKind::kKey) return record.id;
  const absl::StatusOr<KeyPage> versions = keys.List(scope, {.family = record.parent});
  if (!versions.ok()) return versions.status();
  const KeyRecord* newest = nullptr;
  for (const KeyInfo& each : versions->keys) {
    if (each.state != KeyInfo::State::kLive || each.record.kind != KeyKind::kKey) continue;
    if (newest == nullptr || each.record.created_at >= newest->created_at) newest = &each.record;
  }
  return newest == nullptr ? std::string() : newest->id;
}

absl::StatusOr<ApiAnswer> ShowLogIn(KeyAdmin& keys, const ApiRequest& request) {
  const Principal& caller = request.caller;
  const TenantScope scope = TenantScope::Of(caller);
  const absl::StatusOr<KeyInfo> shown = keys.Show(scope, caller.key_id);
  if (!shown.ok()) return NoSession(shown.status());
  const absl::StatusOr<std::string> key = KeyBehind(keys, scope, shown->record);
  if (!key.ok()) return key.status();
  return ApiAnswer{.body = LogInJson(caller, *key, shown->record, request.csrf_token)};
}

// Of a browser's session alone: who shows a key and means to end it says so at the keys.
absl::StatusOr<ApiAnswer> LogOut(KeyAdmin& keys, const ApiRequest& request) {
  if (request.csrf_token.empty())
    return absl::FailedPreconditionError(
        "nobody is logged in here: the request came with a key, not with a cookie");
  const absl::StatusOr<KeyInfo> ended = keys.Revoke(TenantScope::Of(request.caller), request.caller.key_id);
  if (!ended.ok()) return ended.status();
  return ApiAnswer{.audit_fields = {{"session", request.caller.key_id}}, .cookie = SessionCookie{}};
}

}  // namespace

void AddLogInEndpoints(const Backends& backends, Api& api) {
  Keyring* ring = backends.keyring;
  api.schemas[kAnswer] = LogInSchema();
  api.endpoints.push_back(
      {.method = "POST",
       .path = "/v1/admin/login",
       .operation = "logIn",
       .action = "self.login",
       .tag = kTag,
       .summary = "Exchange a key for a session in a cookie, for eight hours",
       .role = Role::kReader,
       .body = Json{{"type", "object"},
                    {"additionalProperties", false},
                    {"required", {"key"}},
                    {"properties", {{"key", TextSchema(600, "the whole key")}}}},
       .answers = kAnswer,
       .problems = {409},
       .opens_session = true,
       .run = [ring](const ApiRequest& request) { return LogIn(ring->admin(), request); }});
  api.endpoints.push_back(
      {.method = "GET",
       .path = "/v1/admin/login",
       .operation = "showLogIn",
       .action = "self.login.show",
       .tag = kTag,
       .summary = "Who is logged in, and until when",
       .role = Role::kReader,
       .effect = false,
       .answers = kAnswer,
       .problems = {409},
       .run = [ring](const ApiRequest& request) { return ShowLogIn(ring->admin(), request); }});
  api.endpoints.push_back(
      {.method = "POST",
       .path = "/v1/admin/logout",
       .operation = "logOut",
       .action = "self.logout",
       .tag = kTag,
       .summary = "End the session of the cookie, at once",
       .role = Role::kReader,
       .status = 204,
       .problems = {409},
       .run = [ring](const ApiRequest& request) { return LogOut(ring->admin(), request); }});
}

}  // namespace mcpgate::admin
