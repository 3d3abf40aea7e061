// /v1/admin/api-keys
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "admin/attenuation.h"
#include "admin/key_body.h"
#include "admin/kind.h"
#include "admin/tables.h"
#include "admin/views.h"

namespace mcpgate::admin {
namespace {

absl::StatusOr<ApiAnswer> Create(Keyring& keyring, const ApiRequest& request) {
  const KeyRequest wanted = KeyRequestOf(request);
  if (absl::Status no = CheckMayGrant(request.caller, wanted.grants); !no.ok()) return no;
  const absl::StatusOr<IssuedKey> issued = keyring.admin().Issue(request.scope, wanted);
  if (!issued.ok()) return issued.status();
  return IssuedAnswer(*issued);
}

absl::StatusOr<ApiAnswer> List(Keyring& keyring, const ApiRequest& request) {
  return KeyPageAnswer(keyring, request,
                       {.tenant = std::string(request.Query("tenant")),
                        .principal = std::string(request.Query("principal")),
                        .family = std::string(request.Query("family")),
                        .name = std::string(request.Query("name"))});
}

absl::StatusOr<ApiAnswer> ChangeKey(Keyring& keyring, const ApiRequest& request) {
  absl::StatusOr<KeyInfo> key = ShowToChange(keyring, request);
  if (!key.ok()) return key.status();
  const bool only_disables = request.body.size() == 1 && request.body.contains("disabled");
  if (!only_disables || request.if_version) {
    const absl::StatusOr<KeyChange> change = KeyChangeOf(request, *key);
    if (!change.ok()) return change.status();
    key = keyring.admin().Update(request.scope, request.Path("id"), *change);
  }
  if (key.ok() && request.body.contains("disabled")) {
    key = keyring.admin().SetDisabled(request.scope, request.Path("id"),
                                      BoolOr(request.body, "disabled", false));
  }
  return KeyAnswerOr(key);
}

absl::StatusOr<ApiAnswer> Revoke(Keyring& keyring, const ApiRequest& request) {
  const absl::StatusOr<KeyInfo> key = ShowToChange(keyring, request);
  if (!key.ok()) return key.status();
  return KeyAnswerOr(keyring.admin().Revoke(request.scope, request.Path("id")));
}

// What a token is worth, without using it: nothing is charged.
absl::StatusOr<ApiAnswer> Verify(Keyring& keyring, const ApiRequest& request) {
  std::string token = StringOr(request.body, "token", "");
  const absl::StatusOr<KeyVerdict> verdict =
      keyring.Verify(Secret::Take(token), StringOr(request.body, "address", ""));
  if (!verdict.ok()) return verdict.status();
  const bool is_theirs = verdict->principal != nullptr && request.scope.Covers(verdict->principal->tenant);
  Json body = {{"valid", is_theirs}};
  if (is_theirs) {
    body["id"] = verdict->key_id;
    body["tenant"] = verdict->principal->tenant;
    body["role"] = RoleName(verdict->principal->grants.role);
  } else if (request.scope.is_operator()) {
    body["reason"] = KeyRefusalName(verdict->refusal);
  }
  return ApiAnswer{.body = std::move(body)};
}

Json VerdictSchema() {
  const Json text = {{"type", "string"}};
  return {{"type", "object"},
          {"required", {"valid"}},
          {"properties",
           {{"valid", {{"type", "boolean"}}},
            {"id", text},
            {"tenant", text},
            {"role", text},
            {"reason", {{"type", "string"}, {"description", "why not; for the operator"}}}}}};
}

std::vector<QueryParameter> ListParameters() {
  return {{"tenant", TextSchema(64, "of the operator's view"), "keys of this tenant alone"},
          {"principal", TextSchema(64, "an id"), "keys of this principal; with a tenant"},
          {"family", TextSchema(64, "an id"), "the versions of one key"},
          {"name", TextSchema(200, "a pattern"), "keys whose name it matches; * is any text"}};
}

Json RevocationSchema() {
  return {{"type", "object"},
          {"additionalProperties", false},
          {"minProperties", 1},
          {"properties",
           {{"tenant", TextSchema(64, "keys of this tenant")},
            {"principal", TextSchema(64, "keys of this principal; with a tenant")},
            {"parent", TextSchema(64, "sessions made of this family")},
            {"name", TextSchema(200, "a pattern; * is any text")},
            {"created_before", TextSchema(40, "RFC 3339")},
            {"unused_since", TextSchema(40, "RFC 3339; neither made nor used since then")},
            {"dry_run", {{"type", "boolean"}, {"description", "change nothing, answer what would"}}}}}};
}

Json RevokedSchema() {
  return {{"type", "object"},
          {"required", {"keys", "dry_run", "complete"}},
          {"properties",
           {{"keys", {{"type", "array"}, {"items", {{"$ref", "#/components/schemas/Key"}}}}},
            {"dry_run", {{"type", "boolean"}}},
            {"complete", {{"type", "boolean"}, {"description", "false: there are more; ask again"}}}}}};
}

absl::Status TakeTime(const Json& body, std::string_view name, std::optional<std::int64_t>& into) {
  const std::string* text = FindString(body, name);
  if (text == nullptr) return absl::OkStatus();
  const absl::StatusOr<WallTime> time = ParseTime(name, *text);
  if (!time.ok()) return time.status();
  into = std::chrono::floor<std::chrono::milliseconds>(*time).time_since_epoch().count();
  return absl::OkStatus();
}

// An operator's keys are left out for those who may not touch them.
absl::StatusOr<ApiAnswer> RevokeMany(Keyring& keyring, const ApiRequest& request) {
  const Json& body = request.body;
  KeyFilter filter{.tenant = StringOr(body, "tenant", ""),
                   .principal = StringOr(body, "principal", ""),
                   .parent = StringOr(body, "parent", ""),
                   .name = StringOr(body, "name", "")};
  absl::Status status = TakeTime(body, "created_before", filter.created_before);
  status.Update(TakeTime(body, "unused_since", filter.unused_since));
  if (!status.ok()) return status;
  filter.spare = [&caller = request.caller](const KeyRecord& key) {
    return !CheckMayTouch(caller, key.grants).ok();
  };
  const bool dry_run = BoolOr(body, "dry_run", false);
  const absl::StatusOr<MassRevocation> mass = keyring.admin().RevokeAll(request.scope, filter, dry_run);
  if (!mass.ok()) return mass.status();
  Json keys = Json::array();
  for (const KeyInfo& key : mass->keys) keys.push_back(KeyJson(key));
  return ApiAnswer{.body = {{"keys", std::move(keys)}, {"dry_run", dry_run}, {"complete", mass->is_complete}},
                   .audit_fields = {{"revoked", std::to_string(dry_run ? 0 : mass->keys.size())}}};
}

Endpoint RevokeRow(EndpointRun run) {
  return {.method = "POST",
          .path = "/v1/admin/api-keys:revoke",
          .operation = "revokeApiKeys",
          .action = "admin.keys.revoke_all",
          .tag = "API keys",
          .summary = "Revoke all keys for which everything holds that is given, a thousand at most",
          .body = RevocationSchema(),
          .recorded = {"tenant", "principal", "parent", "name", "created_before", "unused_since", "dry_run"},
          .answers = "RevokedKeys",
          .problems = {409},
          .run = std::move(run)};
}

Endpoint VerifyRow(EndpointRun run) {
  return {.method = "POST",
          .path = "/v1/admin/api-keys:verify",
          .operation = "verifyApiKey",
          .action = "admin.keys.verify",
          .tag = "API keys",
          .summary = "Tell whether a token would be accepted",
          .effect = false,
          .body = Json{{"type", "object"},
                       {"additionalProperties", false},
                       {"required", {"token"}},
                       {"properties",
                        {{"token", TextSchema(500, "the whole key")},
                         {"address", TextSchema(50, "where it would come from")}}}},
          .answers = "KeyVerdict",
          .run = std::move(run)};
}

}  // namespace

void AddKeyEndpoints(const Backends& backends, Api& api) {
  Keyring* ring = backends.keyring;
  AddKeySchemas(api);
  api.schemas["KeyVerdict"] = VerdictSchema();
  api.schemas["RevokedKeys"] = RevokedSchema();
  const Kind kind{.path = "/v1/admin/api-keys",
                  .action = "admin.keys",
                  .tag = "API keys",
                  .one = "ApiKey",
                  .many = "ApiKeys",
                  .schema = kKeySchema,
                  .recorded = RecordedOfKeys()};
  api.endpoints.push_back(
      Listing(kind, ListParameters(), [ring](const ApiRequest& request) { return List(*ring, request); }));
  Endpoint create = Creation(kind, "Make a key; its token is in the answer and nowhere else", NewKeySchema(),
                             [ring](const ApiRequest& request) { return Create(*ring, request); });
  create.answers = kIssuedKeySchema;
  api.endpoints.push_back(std::move(create));
  api.endpoints.push_back(VerifyRow([ring](const ApiRequest& request) { return Verify(*ring, request); }));
  api.endpoints.push_back(
      RevokeRow([ring](const ApiRequest& request) { return RevokeMany(*ring, request); }));
  api.endpoints.push_back(Showing(kind, [ring](const ApiRequest& request) {
    return ShownKey(*ring, request, ring->admin().Show(request.scope, request.Path("id")));
  }));
  api.endpoints.push_back(Revocation(kind, "Revoke a key; it is refused from the answer on, for good",
                                     [ring](const ApiRequest& request) { return Revoke(*ring, request); }));
  api.endpoints.push_back(Change(kind, "Change what is given, of all secrets of the key at once",
                                 KeyChangeSchema(),
                                 [ring](const ApiRequest& request) { return ChangeKey(*ring, request); }));
}

}  // namespace mcpgate::admin
