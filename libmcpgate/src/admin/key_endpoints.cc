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
constexpr std::int64_t kDefaultOverlap = 86'400;      // seconds; a day
constexpr std::int64_t kDefaultSession = 43'200;      // seconds; twelve hours
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

ApiAnswer Issued(const IssuedKey& issued) {
  return {.body = {{"key", KeyJson({.record = issued.record})},
                   {"token", std::string(RevealSecret(issued.token))}},
          .version = issued.record.version,
          .location = fmt::format("{}/{}", kPath, issued.record.id),
          .audit_fields = {{"key", issued.record.id}, {"tenant", issued.record.tenant}}};
}

absl::StatusOr<ApiAnswer> Create(Keyring& keyring, const ApiRequest& request) {
  const KeyRequest wanted = RequestOf(request);
  if (absl::Status no = CheckMayGrant(request.caller, wanted.grants); !no.ok()) return no;
  const absl::StatusOr<IssuedKey> issued = keyring.admin().Issue(request.scope, wanted);
  if (!issued.ok()) return issued.status();
  return Issued(*issued);
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

// ---- changes of a key that is there

absl::StatusOr<KeyInfo> ShowToChange(Keyring& keyring, const ApiRequest& request) {
  absl::StatusOr<KeyInfo> key = keyring.admin().Show(request.scope, request.Path("id"));
  if (!key.ok()) return key;
  if (absl::Status no = CheckMayTouch(request.caller, key->record.grants); !no.ok()) return no;
  return key;
}

bool ChangesRights(const Json& body) {
  for (const char* name : {"role", "allow_tools", "deny_tools", "resources"}) {
    if (FindMember(body, name) != nullptr) return true;
  }
  return false;
}

Grants ChangedRights(const Json& body, Grants rights) {
  if (const std::string* role = FindString(body, "role")) rights.role = RoleOf(*role).value_or(rights.role);
  if (FindArray(body, "allow_tools") != nullptr) rights.allow_tools = Texts(body, "allow_tools");
  if (FindArray(body, "deny_tools") != nullptr) rights.deny_tools = Texts(body, "deny_tools");
  if (FindArray(body, "resources") != nullptr) rights.resources = Texts(body, "resources");
  return rights;
}

absl::StatusOr<KeyChange> ChangeOf(const ApiRequest& request, const KeyInfo& now) {
  const Json& body = request.body;
  KeyChange change{.if_version = request.if_version};
  if (const std::string* name = FindString(body, "name")) change.name = *name;
  if (FindArray(body, "networks") != nullptr) change.networks = Texts(body, "networks");
  if (const Json* metadata = FindObject(body, "metadata")) change.metadata = DumpJson(*metadata);
  if (const std::string* text = FindString(body, "expires_at")) {
    const absl::StatusOr<WallTime> time = ParseTime("expires_at", *text);
    if (!time.ok()) return time.status();
    change.expires_at = std::chrono::floor<std::chrono::milliseconds>(*time).time_since_epoch().count();
  }
  if (ChangesRights(body)) {
    change.grants = ChangedRights(body, now.record.grants);
    // What was read must still be so when it is written.
    if (!change.if_version) change.if_version = now.record.version;
    if (absl::Status no = CheckMayGrant(request.caller, *change.grants); !no.ok()) return no;
  }
  return change;
}

absl::StatusOr<ApiAnswer> Change(Keyring& keyring, const ApiRequest& request) {
  absl::StatusOr<KeyInfo> key = ShowToChange(keyring, request);
  if (!key.ok()) return key.status();
  const bool only_disables = request.body.size() == 1 && request.body.contains("disabled");
  if (!only_disables || request.if_version) {
    const absl::StatusOr<KeyChange> change = ChangeOf(request, *key);
    if (!change.ok()) return change.status();
    key = keyring.admin().Update(request.scope, request.Path("id"), *change);
  }
  if (key.ok() && request.body.contains("disabled")) {
    key = keyring.admin().SetDisabled(request.scope, request.Path("id"),
                                      BoolOr(request.body, "disabled", false));
  }
  return ShowOr(key);
}

absl::StatusOr<ApiAnswer> Revoke(Keyring& keyring, const ApiRequest& request) {
  const absl::StatusOr<KeyInfo> key = ShowToChange(keyring, request);
  if (!key.ok()) return key.status();
  return ShowOr(keyring.admin().Revoke(request.scope, request.Path("id")));
}

// The new secret has the rights of the old one, so who gets it must be able to grant them.
absl::StatusOr<ApiAnswer> Rotate(Keyring& keyring, const ApiRequest& request) {
  const absl::StatusOr<KeyInfo> key = ShowToChange(keyring, request);
  if (!key.ok()) return key.status();
  if (absl::Status no = CheckMayGrant(request.caller, key->record.grants); !no.ok()) return no;
  const Nanos overlap = std::chrono::seconds(IntegerOr(request.body, "overlap", kDefaultOverlap));
  const absl::StatusOr<IssuedKey> issued = keyring.admin().Rotate(request.scope, request.Path("id"), overlap);
  if (!issued.ok()) return issued.status();
  return Issued(*issued);
}

absl::StatusOr<ApiAnswer> EndRotation(Keyring& keyring, const ApiRequest& request, bool undo) {
  const absl::StatusOr<KeyInfo> key = ShowToChange(keyring, request);
  if (!key.ok()) return key.status();
  return ShowOr(undo ? keyring.admin().UndoRotation(request.scope, request.Path("id"))
                     : keyring.admin().FinishRotation(request.scope, request.Path("id")));
}

// ---- sessions

absl::StatusOr<ApiAnswer> Mint(Keyring& keyring, const ApiRequest& request, const KeyInfo& parent) {
  const Json& body = request.body;
  SessionRequest session{.parent = parent.record.id,
                         .name = StringOr(body, "name", ""),
                         .lifetime = std::chrono::seconds(IntegerOr(body, "expires_in", kDefaultSession))};
  if (ChangesRights(body)) session.grants = ChangedRights(body, parent.record.grants);
  if (FindArray(body, "networks") != nullptr) session.networks = Texts(body, "networks");
  const absl::StatusOr<IssuedKey> issued = keyring.admin().MintSession(request.scope, session);
  if (!issued.ok()) return issued.status();
  return Issued(*issued);
}

// For the caller's own key; what the session may is cut by what the key may, at each call.
absl::StatusOr<ApiAnswer> MintOwn(Keyring& keyring, const ApiRequest& request) {
  const absl::StatusOr<KeyInfo> own =
      keyring.admin().Show(TenantScope::Of(request.caller), request.caller.key_id);
  if (!own.ok()) return own.status();
  return Mint(keyring, request, *own);
}

// For somebody else's: the session is handed to the caller, who must be able to grant as much.
absl::StatusOr<ApiAnswer> MintFor(Keyring& keyring, const ApiRequest& request) {
  const absl::StatusOr<KeyInfo> parent =
      keyring.admin().Show(request.scope, StringOr(request.body, "key", ""));
  if (!parent.ok()) return parent.status();
  const Grants wanted = ChangesRights(request.body) ? ChangedRights(request.body, parent->record.grants)
                                                    : parent->record.grants;
  if (absl::Status no = CheckMayGrant(request.caller, wanted); !no.ok()) return no;
  return Mint(keyring, request, *parent);
}

Json SessionMembers() {
  return {{"name", {{"type", "string"}, {"minLength", 1}, {"maxLength", 100}, {"description", "for people"}}},
          {"role", RoleSchema()},
          {"allow_tools", TextListSchema(64, 200, "as of a key; the parent's unless given")},
          {"deny_tools", TextListSchema(64, 200, "as of a key")},
          {"resources", TextListSchema(64, 200, "as of a key")},
          {"networks", TextListSchema(64, 50, "as of a key")},
          {"expires_in",
           {{"type", "integer"},
            {"minimum", 1},
            {"maximum", 7'776'000},
            {"description", "seconds; twelve hours unless given; never longer than its key"}}}};
}

Json SessionSchema(bool names_key) {
  Json members = SessionMembers();
  Json required = {"name"};
  if (names_key) {
    members["key"] = {
        {"type", "string"}, {"minLength", 1}, {"maxLength", 64}, {"description", "the id of its key"}};
    required.push_back("key");
  }
  return {{"type", "object"},
          {"additionalProperties", false},
          {"required", std::move(required)},
          {"properties", std::move(members)}};
}

Json ChangeSchema() {
  Json schema = CreateSchema();
  Json& members = schema["properties"];
  for (const char* fixed : {"tenant", "principal", "expires_in"}) members.erase(fixed);
  members["expires_at"] = {{"type", "string"},
                           {"maxLength", 40},
                           {"description", "RFC 3339; earlier than it is now, never later"}};
  members["disabled"] = {{"type", "boolean"},
                         {"description", "refused until it is enabled; its sessions with it"}};
  schema.erase("required");
  schema["minProperties"] = 1;
  return schema;
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

void AddRotation(Keyring* ring, Api& api) {
  const Endpoint row{.method = "POST", .tag = "API keys", .problems = {404, 409}};
  Endpoint rotate = row;
  rotate.path = "/v1/admin/api-keys/{id}:rotate";
  rotate.operation = "rotateApiKey";
  rotate.action = "admin.keys.rotate";
  rotate.summary = "Give the key a new secret beside the old one, for a while";
  rotate.body = Json{{"type", "object"},
                     {"additionalProperties", false},
                     {"properties",
                      {{"overlap",
                        {{"type", "integer"},
                         {"minimum", 0},
                         {"maximum", 7'776'000},
                         {"description", "seconds that the old secret goes on; a day unless given"}}}}}};
  rotate.status = 201;
  rotate.answers = "IssuedKey";
  rotate.has_version = true;
  rotate.run = [ring](const ApiRequest& request) { return Rotate(*ring, request); };
  api.endpoints.push_back(std::move(rotate));
  Endpoint finish = row;
  finish.path = "/v1/admin/api-keys/{id}:finish";
  finish.operation = "finishRotation";
  finish.action = "admin.keys.finish";
  finish.summary = "End the old secret now";
  finish.answers = "Key";
  finish.run = [ring](const ApiRequest& request) { return EndRotation(*ring, request, /*undo=*/false); };
  api.endpoints.push_back(std::move(finish));
  Endpoint undo = row;
  undo.path = "/v1/admin/api-keys/{id}:undo";
  undo.operation = "undoRotation";
  undo.action = "admin.keys.undo";
  undo.summary = "Revoke the new secret; the old one goes on as before";
  undo.answers = "Key";
  undo.run = [ring](const ApiRequest& request) { return EndRotation(*ring, request, /*undo=*/true); };
  api.endpoints.push_back(std::move(undo));
}

void AddSessions(Keyring* ring, Api& api) {
  api.endpoints.push_back({.method = "POST",
                           .path = "/v1/mcp/tokens",
                           .operation = "mintToken",
                           .action = "self.tokens.create",
                           .tag = "Sessions",
                           .summary = "Make a token that ends by itself and may at most what your key may",
                           .role = Role::kReader,
                           .body = SessionSchema(/*names_key=*/false),
                           .status = 201,
                           .answers = "IssuedKey",
                           .has_version = true,
                           .problems = {404, 409},
                           .run = [ring](const ApiRequest& request) { return MintOwn(*ring, request); }});
  api.endpoints.push_back({.method = "POST",
                           .path = "/v1/admin/sessions",
                           .operation = "mintSession",
                           .action = "admin.sessions.create",
                           .tag = "Sessions",
                           .summary = "Make such a token for a key that is not yours",
                           .body = SessionSchema(/*names_key=*/true),
                           .status = 201,
                           .answers = "IssuedKey",
                           .has_version = true,
                           .problems = {404, 409},
                           .run = [ring](const ApiRequest& request) { return MintFor(*ring, request); }});
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
                           .run = [ring](const ApiRequest& request) { return Revoke(*ring, request); }});
  api.endpoints.push_back({.method = "PATCH",
                           .path = kOne,
                           .operation = "changeApiKey",
                           .action = "admin.keys.change",
                           .tag = kTag,
                           .summary = "Change what is given, of all secrets of the key at once",
                           .body = ChangeSchema(),
                           .answers = "Key",
                           .has_version = true,
                           .problems = {404, 409},
                           .run = [ring](const ApiRequest& request) { return Change(*ring, request); }});
  AddRotation(ring, api);
  AddSessions(ring, api);
}

}  // namespace mcpgate::admin
