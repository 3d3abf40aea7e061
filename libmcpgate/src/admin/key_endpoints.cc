// /v1/admin/api-keys
#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "admin/attenuation.h"
#include "admin/tables.h"
#include "admin/views.h"

namespace mcpgate::admin {
namespace {

constexpr char kPath[] = "/v1/admin/api-keys", kOne[] = "/v1/admin/api-keys/{id}";
constexpr std::int64_t kMaxLifetime = 3'153'600'000;  // seconds; a hundred years

// ---------------------------------------------------------------- schemas

Json KeySchema() {
  const Json text = {{"type", "string"}};
  const Json list = {{"type", "array"}, {"items", text}};
  return {{"type", "object"},
          {"required", {"id", "state"}},
          {"properties",
           {{"id", {{"type", "string"}, {"description", "public; the secret is not among these members"}}},
            {"state", {{"enum", {"live", "expired", "revoked", "disabled", "tampered"}}}},
            {"problem", {{"type", "string"}, {"description", "why it counts as tampered with"}}},
            {"family", {{"type", "string"}, {"description", "limits and history belong to it"}}},
            {"tenant", text},
            {"kind", {{"enum", {"key", "session"}}}},
            {"name", text},
            {"principal", {{"type", {"string", "null"}}}},
            {"role", text},
            {"allow_tools", list},
            {"deny_tools", list},
            {"resources", list},
            {"networks", list},
            {"created_at", TimeSchema()},
            {"expires_at", TimeSchema()},
            {"revoked_at", TimeSchema()},
            {"disabled_at", TimeSchema()},
            {"version", {{"type", "integer"}}}}}};
}

Json IssuedSchema() {
  return {{"type", "object"},
          {"required", {"key", "token"}},
          {"properties",
           {{"key", {{"$ref", "#/components/schemas/Key"}}},
            {"token", {{"type", "string"}, {"description", "the key itself, shown this once"}}}}}};
}

Json CreateSchema() {
  return {
      {"type", "object"},
      {"additionalProperties", false},
      {"required", {"name"}},
      {"properties",
       {{"name", {{"type", "string"}, {"minLength", 1}, {"maxLength", 100}, {"description", "for people"}}},
        {"tenant",
         {{"type", "string"}, {"pattern", "^[a-z0-9-]{1,64}$"}, {"description", "your own unless given"}}},
        {"principal", {{"type", "string"}, {"pattern", "^[A-Za-z0-9._@-]{1,64}$"}}},
        {"role", RoleSchema()},
        {"allow_tools", TextListSchema(64, 200, "tools beyond the role; patterns with *")},
        {"deny_tools", TextListSchema(64, 200, "tools taken away; a deny always wins")},
        {"resources", TextListSchema(64, 200, "what tools may touch, such as discord:channel:*")},
        {"networks", TextListSchema(64, 50, "addresses it may come from, such as 203.0.113.0/24")},
        {"expires_in",
         {{"type", "integer"},
          {"minimum", 1},
          {"maximum", kMaxLifetime},
          {"description", "seconds; never unless given"}}},
        {"metadata", {{"type", "object"}, {"description", "yours; at most 8 KiB of JSON"}}}}}};
}

// ---------------------------------------------------------------- reading requests

std::vector<std::string> Texts(const Json& body, std::string_view name) {
  std::vector<std::string> texts;
  if (const Json* list = FindArray(body, name)) {
    for (const Json& text : *list) texts.push_back(text.get<std::string>());
  }
  return texts;
}

KeyRequest RequestOf(const ApiRequest& request) {
  const Json& body = request.body;
  KeyRequest key{.name = StringOr(body, "name", ""),
                 .tenant = TenantOf(request, StringOr(body, "tenant", "")),
                 .grants = {.role = RoleOf(StringOr(body, "role", "reader")).value_or(Role::kReader),
                            .allow_tools = Texts(body, "allow_tools"),
                            .deny_tools = Texts(body, "deny_tools"),
                            .resources = Texts(body, "resources")},
                 .principal = StringOr(body, "principal", ""),
                 .networks = Texts(body, "networks")};
  if (const std::int64_t seconds = IntegerOr(body, "expires_in", 0); seconds > 0) {
    key.lifetime = std::chrono::seconds(seconds);
  }
  if (const Json* metadata = FindObject(body, "metadata")) key.metadata = DumpJson(*metadata);
  return key;
}

ApiAnswer Show(const KeyInfo& key) {
  return {.body = KeyJson(key), .version = key.record.version, .audit_fields = {{"key", key.record.id}}};
}

absl::StatusOr<ApiAnswer> ShowOr(const absl::StatusOr<KeyInfo>& key) {
  if (!key.ok()) return key.status();
  return Show(*key);
}

// ---------------------------------------------------------------- the endpoints

absl::StatusOr<ApiAnswer> Create(Keyring& keyring, const ApiRequest& request) {
  const KeyRequest wanted = RequestOf(request);
  if (absl::Status no = CheckMayGrant(request.caller, wanted.grants); !no.ok()) return no;
  const absl::StatusOr<IssuedKey> issued = keyring.admin().Issue(request.scope, wanted);
  if (!issued.ok()) return issued.status();
  return ApiAnswer{.body = {{"key", KeyJson({.record = issued->record})},
                            {"token", std::string(RevealSecret(issued->token))}},
                   .version = issued->record.version,
                   .location = fmt::format("{}/{}", kPath, issued->record.id),
                   .audit_fields = {{"key", issued->record.id}, {"tenant", issued->record.tenant}}};
}

absl::StatusOr<ApiAnswer> List(Keyring& keyring, const ApiRequest& request) {
  absl::StatusOr<std::string> after = PlaceOf(request.Query("cursor"));
  if (!after.ok()) return after.status();
  const absl::StatusOr<KeyPage> page =
      keyring.admin().List(request.scope, {.tenant = std::string(request.Query("tenant")),
                                           .principal = std::string(request.Query("principal")),
                                           .family = std::string(request.Query("family")),
                                           .name = std::string(request.Query("name")),
                                           .after = *std::move(after),
                                           .limit = static_cast<std::size_t>(request.Number("limit", 100))});
  if (!page.ok()) return page.status();
  Json items = Json::array();
  for (const KeyInfo& key : page->keys) items.push_back(KeyJson(key));
  return ApiAnswer{.body = PageJson(std::move(items), CursorOf(page->next))};
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
  return PageParameters(
      {{"tenant", TextSchema(64, "of the operator's view"), "keys of this tenant alone"},
       {"principal", TextSchema(64, "an id"), "keys of this principal; with a tenant"},
       {"family", TextSchema(64, "an id"), "the versions of one key"},
       {"name", TextSchema(200, "a pattern"), "keys whose name it matches; * is any text"}});
}

}  // namespace

void AddKeyEndpoints(const Backends& backends, Api& api) {
  Keyring* ring = backends.keyring;
  api.schemas["Key"] = KeySchema();
  api.schemas["IssuedKey"] = IssuedSchema();
  api.schemas["KeyPage"] = PageSchema("Key");
  api.schemas["KeyVerdict"] = VerdictSchema();
  constexpr std::string_view kTag = "API keys";
  api.endpoints.push_back({.method = "GET",
                           .path = kPath,
                           .operation = "listApiKeys",
                           .action = "admin.keys.list",
                           .tag = kTag,
                           .summary = "Keys, in order of id",
                           .effect = false,
                           .query = ListParameters(),
                           .answers = "KeyPage",
                           .run = [ring](const ApiRequest& request) { return List(*ring, request); }});
  api.endpoints.push_back({.method = "POST",
                           .path = kPath,
                           .operation = "createApiKey",
                           .action = "admin.keys.create",
                           .tag = kTag,
                           .summary = "Make a key; its token is in the answer and nowhere else",
                           .body = CreateSchema(),
                           .status = 201,
                           .answers = "IssuedKey",
                           .has_version = true,
                           .problems = {404, 409},
                           .run = [ring](const ApiRequest& request) { return Create(*ring, request); }});
  api.endpoints.push_back({.method = "POST",
                           .path = "/v1/admin/api-keys:verify",
                           .operation = "verifyApiKey",
                           .action = "admin.keys.verify",
                           .tag = kTag,
                           .summary = "Tell whether a token would be accepted",
                           .effect = false,
                           .body = Json{{"type", "object"},
                                        {"additionalProperties", false},
                                        {"required", {"token"}},
                                        {"properties",
                                         {{"token", TextSchema(500, "the whole key")},
                                          {"address", TextSchema(50, "where it would come from")}}}},
                           .answers = "KeyVerdict",
                           .run = [ring](const ApiRequest& request) { return Verify(*ring, request); }});
  api.endpoints.push_back({.method = "GET",
                           .path = kOne,
                           .operation = "showApiKey",
                           .action = "admin.keys.show",
                           .tag = kTag,
                           .summary = "One key",
                           .effect = false,
                           .answers = "Key",
                           .has_version = true,
                           .problems = {404},
                           .run = [ring](const ApiRequest& request) {
                             return ShowOr(ring->admin().Show(request.scope, request.Path("id")));
                           }});
  api.endpoints.push_back({.method = "DELETE",
                           .path = kOne,
                           .operation = "revokeApiKey",
                           .action = "admin.keys.revoke",
                           .tag = kTag,
                           .summary = "Revoke a key; it is refused from the answer on, for good",
                           .answers = "Key",
                           .has_version = true,
                           .problems = {404},
                           .run = [ring](const ApiRequest& request) {
                             return ShowOr(ring->admin().Revoke(request.scope, request.Path("id")));
                           }});
}

}  // namespace mcpgate::admin
